import { afterEach, beforeEach, describe, expect } from "vitest";
import { isKilledAfter } from "../crash/killed.ts";
import { buttonsIn } from "./message-text.ts";
import { alice, bob, Story } from "./story.ts";
import { itSimulated, luns, patient } from "./target.ts";
import { addsStorage, HOST1, HOST2, HOST3, hasTwoClusters } from "./two-clusters.ts";

const rescan = `/zstack host rescan ${HOST1}`;

/** Nothing of the queue depends on the hosts, so the lab does not run these stories. */
describe("operation locks: a change waits in a queue while another one changes the same objects", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  const stateOf = (id: string) => story.bot.world.operations.get(id)?.state;
  /** The entry in the audit log comes before the program: a connection that is lost then is opened again. */
  const hasRun = (program: string) =>
    expect
      .poll(() => story.san.ran(HOST1).some(({ argv }) => argv[0] === program), { timeout: patient(30_000) })
      .toBe(true);
  /** A rescan of the first host, which hangs there. */
  const hangs = async (id: string) => {
    await story.hosts.fault(HOST1, { kind: "hangs", program: "tee", after: "effect" });
    await story.says(rescan);
    await hasRun("tee");
    expect(stateOf(id)).toBe("running");
  };
  /** The connection of the one that hangs is lost, so its end is unknown at once. */
  const ends = async () => {
    await story.hosts.heal(HOST1);
    story.san.disconnect(HOST1);
  };
  const waits = async (id: string, after: string, place: number, person = alice) => {
    await story.says(rescan, person);
    await story.shows(`: waiting for ${after} (${id})`, `Place ${place} in the queue`, "It waits until");
  };

  itSimulated("with its place in its message, and runs in its turn", async () => {
    await hangs("op-1");
    await waits("op-2", "op-1", 1);
    await waits("op-3", "op-1", 2, bob);
    await ends();
    await story.shows(": unknown (op-1)");
    await story.shows(": done (op-2)");
    await story.shows(": done (op-3)");
    const entries = await story.audit();
    const at = (kind: string, id: string) =>
      entries.findIndex(({ event, operationId }) => event.kind === kind && operationId === id);
    expect(at("began", "op-2")).toBeGreaterThan(at("ended", "op-1"));
    expect(at("began", "op-3")).toBeGreaterThan(at("ended", "op-2"));
  });

  itSimulated("until a person takes it out by its button or by words; those behind it move up", async () => {
    await hangs("op-1");
    await waits("op-2", "op-1", 1);
    await waits("op-3", "op-1", 2, bob);
    await story.says("/zstack operation stop op-2", bob);
    await story.shows(": cancelled (op-2)", "No step was run", "Cancelled by");
    await story.shows(": waiting for op-1 (op-3)", "Place 1 in the queue");
    await story.clicks("Leave the Queue");
    await story.shows(": cancelled (op-3)", "No step was run");
    expect(stateOf("op-1")).toBe("running");
    const entries = await story.audit();
    const stops = entries.flatMap(({ event, operationId, by }) =>
      event.kind === "stopping" ? [[operationId, by]] : [],
    );
    expect(stops).toEqual([
      ["op-2", bob],
      ["op-3", alice],
    ]);
    await ends();
    await story.shows(": unknown (op-1)");
  });

  itSimulated("and is planned again in its turn: if the plan is another one, it is refused", async () => {
    await hangs("op-1");
    await story.says("/zstack host rescan cluster-1");
    await story.shows("Rescan cluster-1: waiting for op-1 (op-2)", "Place 1 in the queue");
    await waits("op-3", "op-1", 2);
    await story.hosts.fault(HOST2, { kind: "down" });
    await ends();
    await story.shows(": unknown (op-1)");
    // The new plan leaves the second host out.
    await story.shows("Rescan cluster-1: refused (op-2)", "PLAN_CHANGED", "No step was run");
    await story.shows(`Rescan ${HOST1}: done (op-3)`);
  });

  itSimulated("also after a click, which runs only the plan that was shown", async () => {
    await addsStorage(story);
    await story.says("/zstack sharedblock disable ps-1");
    await story.shows("Disable ps-1", "Confirm before", "op-2");
    await story.hosts.fault(HOST1, { kind: "hangs", program: "vgextend", after: "effect" });
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.failedPath}`);
    await story.shows("Extend ps-1", "Confirm before", "op-3");
    await story.confirms("");
    await hasRun("vgextend");
    const plan = story.messages.find(({ ts }) => ts === story.bot.world.operations.get("op-2")?.messageId);
    if (plan === undefined) return expect.fail("the first plan has no message");
    const button = buttonsIn(plan).find(({ actionId }) => actionId === "confirm");
    if (button === undefined) return expect.fail("the first plan has no button");
    const { ts: messageTs, blockId, actionId } = button;
    await story.workspace.click({ person: bob, messageTs, blockId, actionId });
    await story.shows("Disable ps-1: waiting for op-3 (op-2)", "Place 1 in the queue");
    await ends();
    await story.shows("Extend ps-1: unknown (op-3)");
    // The group grew until then, so the plan is another one.
    await story.shows("Disable ps-1: refused (op-2)", "No step was run");
  });

  itSimulated("and a freeze that begins until then refuses it", async () => {
    await hangs("op-1");
    await waits("op-2", "op-1", 1);
    await story.says("/zstack freeze all reason=audit");
    await story.shows("All clusters are frozen", `op-1 (Rescan ${HOST1}) runs now`);
    await ends();
    await story.shows(": refused (op-2)", "it could not begin", "FROZEN", "audit");
  });

  itSimulated("but not for the changes of another cluster", async () => {
    await hasTwoClusters(story);
    const [latest] = story.bot.world.operations.latest(1);
    const next = (count: number) => `op-${Number(latest?.id.slice(3)) + count}`;
    await hangs(next(1));
    await waits(next(2), next(1), 1);
    await story.says(`/zstack host rescan ${HOST3}`);
    await story.shows(`: done (${next(3)})`);
    expect(stateOf(next(1))).toBe("running");
    await ends();
    await story.shows(`: done (${next(2)})`);
  });

  itSimulated("and does not wait any more after the bot was stopped, or killed", async () => {
    await hangs("op-1");
    await waits("op-2", "op-1", 1);
    await story.restartsBot();
    await story.shows(": refused (op-2)", "the bot stopped before the first step", "No step was run");
    expect(stateOf("op-2")).toBe("refused");

    await isKilledAfter(story, async (hosts) => {
      await hosts.fault(HOST1, { kind: "hangs", program: "tee" });
      await story.says(rescan);
      await story.shows(": running (op-3)");
      await story.says(rescan);
      await story.shows(": waiting for op-3 (op-4)", "Place 1 in the queue");
    });
    await story.shows(": refused (op-4)", "the bot stopped before the first step", "No step was run");
    expect(stateOf("op-4")).toBe("refused");
  });
});
