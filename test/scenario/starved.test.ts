import { describe, expect } from "vitest";
import * as largest from "../host/largest-output.ts";
import { textIn } from "./message-text.ts";
import { alice, bob, Story, until } from "./story.ts";
import { ending, itSimulated, luns, patient } from "./target.ts";

const HOST2 = "sharedblock-host2";
const LIMIT_MS = patient(180_000);

describe.concurrent("any command: no person and no host blocks the bot", () => {
  itSimulated(
    "250 questions during an operation stop none of its steps",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      const wwid = luns.blank;
      await story.says(`/zstack sharedblock add cluster-1 wwid=${wwid} name=ps-1 wipe=true`);
      await story.shows(/ps-1/);
      for (const { name } of story.san.hosts) await story.san.fault(name, { kind: "slow", ms: 200 });
      await story.confirms(ending(wwid));
      const said = Array.from({ length: 250 }, () =>
        story.workspace.say({ person: bob, text: "/zstack lun list cluster-1", threadTs: null }),
      );
      await Promise.all(said);
      const end = await until(
        () => story.messages.find((message) => /ps-1.*: (done|failed|refused|unknown) \(op-/.test(textIn(message))),
        120_000,
      );
      expect(end && textIn(end)).toMatch(/: done \(op-/);
      const refused = (await story.audit()).filter(
        ({ event }) => event.kind === "finished" && event.outcome.kind !== "done",
      );
      expect(refused).toEqual([]);
    },
  );

  itSimulated(
    "a person has at most five open questions, and the refusal names them",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await story.hosts.fault(HOST2, { kind: "silent" });
      const ask = (person: string) =>
        story.workspace.say({ person, text: "/zstack lun list cluster-1", threadTs: null });
      await Promise.all([1, 2, 3, 4, 5].map(() => ask(bob)));
      await until(
        () => (story.messages.some((message) => textIn(message).includes("Observing the hosts")) ? true : undefined),
        60_000,
      );
      await ask(bob);
      const notice = await until(
        () => story.messages.find((message) => textIn(message).includes("5 of your commands are open")),
        30_000,
      );
      expect(notice && textIn(notice)).toContain("lun list cluster-1");
      expect(notice?.onlyFor).toBe(bob);
      await story.says("/zstack lun list cluster-1", alice);
      await story.shows(/LUNs on 3 hosts/, HOST2);
    },
  );

  itSimulated(
    "a host that does not answer is shown as such, and delays no answer for long",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await story.san.fault(HOST2, { kind: "slow", ms: 90_000 });
      await story.says("/zstack lun list cluster-1");
      const looking = await story.shows(
        "Observing the hosts",
        /Answered at .*sharedblock-host1, sharedblock-host3/,
        /Not yet: sharedblock-host2/,
      );
      const answer = await story.shows(/LUNs on 3 hosts/, "Not known", HOST2, /it did not answer within 22 s/);
      expect(answer.ts).toBe(looking.ts);
    },
  );

  itSimulated(
    "a host that prints 60 MB of maps, or JSON 100,000 deep, is named, and blocks nobody",
    {
      timeout: LIMIT_MS,
    },
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      const printsInvalid = (program: string, stdout: string) =>
        story.san.fault(HOST2, { kind: "invalid output", program, stdout });
      await printsInvalid("multipath", largest.multipath(90_000, 8));
      await story.says("/zstack lun list cluster-1");
      await story.shows(/LUNs on 3 hosts/, "Not known", HOST2, "implausible: multipath printed more than 8 MiB");
      await story.san.heal(HOST2);
      await printsInvalid("lsblk", `{"blockdevices": ${"[".repeat(100_000)}`);
      await story.says("/zstack lun list cluster-1");
      await story.shows(/LUNs on 3 hosts/, "Not known", HOST2, /lsblk printed .* implausible/);
      expect(story.logged).toEqual([]);
    },
  );
});
