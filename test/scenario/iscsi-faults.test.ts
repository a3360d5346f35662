import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { byHand } from "./by-hand.ts";
import { guardedTarget } from "./guarded-target.ts";
import { LIMIT_MS as EACH_MS, iscsiOf, logins, secret } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story, until } from "./story.ts";
import { itAtLength, itSimulated, patient } from "./target.ts";
import { HOST3 } from "./two-clusters.ts";

const LIMIT_MS = patient(EACH_MS);

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

type Case = ReturnType<typeof casesOf>[number];

describe.concurrent("iscsi login, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
  async function interrupts({ fault, state }: Case, onTestFinished: (end: () => Promise<void>) => void) {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const { iqn, login, lun } = await guardedTarget(story, HOST3);
    await story.says(login);
    await story.shows("The form asks for");
    await story.hosts.fault(HOST3, fault);
    await confirms(story);
    await story.shows(new RegExp(`Log ${HOST3} in to \\S+${state.source}`), "Not done");

    await story.hosts.heal(HOST3);
    await story.says(login);
    await confirms(story);
    await story.shows(`Log ${HOST3} in to ${iqn}: done`, lun);
    expect(await logins(story)).toHaveLength(2);
    await story.says(`/zstack iscsi list ${HOST3}`);
    const list = await story.shows("2 iSCSI sessions");
    expect(textIn(list).match(new RegExp(`^logged in ${HOST3} .*${lun}`, "gm"))).toHaveLength(2);
    await story.says(login.replace(/ chap-user=.*/, ""));
    expect(textIn(await story.shows("what is done")).match(/nothing, all is there/g)).toHaveLength(2);
  }

  const cases = casesOf([
    { program: "iscsiadm", argument: "--op=new" },
    { program: "iscsiadm", argument: "--op=update" },
    { program: "sed" },
    { program: "iscsiadm", argument: "--login" },
    { program: "iscsiadm", argument: "--rescan" },
    { program: "udevadm" },
  ]);
  itAtLength.for(rowsOf(cases))("$title", (each, { onTestFinished }) => interrupts(each, onTestFinished));

  // In the lab these run from the start.
  const services = casesOf([
    { program: "systemctl", argument: "--now" },
    { program: "systemctl", argument: "enable", without: "--now" },
  ]);
  itSimulated.for(rowsOf(services))("$title", (each, { onTestFinished }) => interrupts(each, onTestFinished));
});

describe.concurrent("iscsi logout, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
  const cases = casesOf([
    { program: "multipath", argument: "-f" },
    { program: "iscsiadm", argument: "--logout" },
    { program: "udevadm" },
    { program: "iscsiadm", argument: "--op=delete" },
  ]);
  itAtLength.for(rowsOf(cases))("$title", async ({ fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const { iqn, portals, lun } = await iscsiOf(story, HOST3);
    const logout = `/zstack iscsi logout ${HOST3} target=${iqn}`;
    await story.says(logout);
    await story.shows("log out, delete the record");
    await story.hosts.fault(HOST3, fault);
    await story.clicks("Confirm");
    await story.shows(new RegExp(`Log ${HOST3} out of \\S+${state.source}`), "Not done");

    await story.hosts.heal(HOST3);
    await story.says(logout);
    await story.clicks("Confirm");
    await story.shows(`Log ${HOST3} out of ${iqn}: done`);
    expect((await story.hosts.changes()).filter((line) => line.includes("--logout"))).toHaveLength(portals.length);
    await story.says(`/zstack iscsi list ${HOST3}`);
    await story.shows("0 iSCSI sessions");
    expect(await byHand(story, HOST3, ["multipath", "-ll"])).not.toContain(lun);
    await story.says(logout);
    await story.shows("there is nothing left to do");
  });
});

/** Confirms, with the secret where the plan asks for it. */
async function confirms(story: Story): Promise<void> {
  const plan = await story.shows("Confirm before");
  await story.clicks("Confirm");
  if (textIn(plan).includes("The form asks for")) expect(await story.sendsSecret("chap", secret)).toEqual({});
  else
    await until(
      () => story.messages.find((message) => message.ts === plan.ts && !textIn(message).includes("Confirm before")),
      patient(5_000),
    );
}
