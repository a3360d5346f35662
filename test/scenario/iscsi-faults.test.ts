import { describe, expect } from "vitest";
import type { Fault } from "../../src/local/san/fault.ts";
import { guarded, LIMIT_MS, loggedIn, loginGuarded, logins, logout, luns, secret, shared } from "./iscsi-words.ts";
import { Story, textIn, until } from "./story.ts";
import { itSimulated as it } from "./target.ts";

const interruptions: [string, (of: Met) => Fault, RegExp][] = [
  ["fails", (of) => ({ kind: "fails", ...of, exitCode: 6, stderr: "I/O error" }), /: failed/],
  ["is cut off before it began", (of) => ({ kind: "cut during", ...of, after: "before" }), /: unknown/],
  ["is cut off after it was done", (of) => ({ kind: "cut during", ...of, after: "effect" }), /: unknown/],
];
interface Met {
  readonly program: string;
  readonly argument?: string;
  readonly without?: string;
}
const casesOf = (steps: readonly Met[]) =>
  steps.flatMap((met) =>
    interruptions.map(([what, fault, state]) => {
      const title = `${met.program} ${met.argument ?? ""}${met.without ? ` without ${met.without}` : ""} ${what}`;
      return { title, fault: fault(met), state };
    }),
  );

describe.concurrent("whatever interrupts a login, the same words finish it", () => {
  const cases = casesOf([
    { program: "systemctl", argument: "--now" },
    { program: "iscsiadm", argument: "--op=new" },
    { program: "iscsiadm", argument: "--op=update" },
    { program: "sed" },
    { program: "iscsiadm", argument: "--login" },
    { program: "systemctl", argument: "enable", without: "--now" },
    { program: "iscsiadm", argument: "--rescan" },
    { program: "udevadm" },
  ]);
  it.for(cases)("$title", { timeout: LIMIT_MS }, async ({ fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.says(loginGuarded);
    await story.shows("Confirm asks for");
    await story.hosts.fault("sharedblock-host3", fault);
    await confirms(story);
    await story.shows(new RegExp(`Log cluster-1 in to \\S+${state.source}`), "Not done", "sharedblock-host3");

    await story.hosts.heal("sharedblock-host3");
    await story.says(loginGuarded);
    await confirms(story);
    await story.shows(`Log cluster-1 in to ${guarded}: done`, luns.guarded);
    expect(await logins(story)).toHaveLength(6);
    await story.says("/zstack iscsi list cluster-1");
    const list = await story.shows("6 iSCSI sessions");
    expect(textIn(list).match(new RegExp(`logged in ${luns.guarded}`, "g"))).toHaveLength(6);
    await story.says(loginGuarded.replace(/ chap-user=.*/, ""));
    expect(textIn(await story.shows("what is done")).match(/nothing, all is there/g)).toHaveLength(6);
  });
});

describe.concurrent("whatever interrupts a logout, the same words finish it", () => {
  const cases = casesOf([
    { program: "multipath", argument: "-f" },
    { program: "iscsiadm", argument: "--logout" },
    { program: "udevadm" },
    { program: "iscsiadm", argument: "--op=delete" },
  ]);
  it.for(cases)("$title", { timeout: LIMIT_MS }, async ({ fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await loggedIn(story);
    await story.says(logout);
    await story.shows("log out, delete the record");
    await story.hosts.fault("sharedblock-host3", fault);
    await story.clicks("Confirm");
    await story.shows(new RegExp(`Log cluster-1 out of \\S+${state.source}`), "Not done", "sharedblock-host3");

    await story.hosts.heal("sharedblock-host3");
    await story.says(logout);
    await story.clicks("Confirm");
    await story.shows(`Log cluster-1 out of ${shared}: done`);
    expect((await story.hosts.changes()).filter((line) => line.includes("--logout"))).toHaveLength(6);
    await story.says("/zstack iscsi list cluster-1");
    await story.shows("0 iSCSI sessions");
    await story.says("/zstack lun list cluster-1");
    expect(textIn(await story.shows(/LUNs on 3 hosts/))).not.toContain(luns.shared);
    await story.says(logout);
    await story.shows("there is nothing left to do");
  });
});

/** Confirms, with the secret where the plan asks for it. */
async function confirms(story: Story): Promise<void> {
  const plan = await story.shows("This plan lapses at");
  await story.clicks("Confirm");
  if (textIn(plan).includes("Confirm asks for")) expect(await story.sendsSecret("chap", secret)).toEqual({});
  else
    await until(
      () => story.messages.find((message) => message.ts === plan.ts && !textIn(message).includes("lapses")),
      5_000,
    );
}
