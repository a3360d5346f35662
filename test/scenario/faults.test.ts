import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, itSimulated, luns, pathsEach, patient } from "./target.ts";

const HOST2 = "sharedblock-host2";
const LIMIT_MS = patient(40_000);

describe.concurrent("lun list: a host in trouble is named in a partial answer", () => {
  const troubles: [string, Fault, string | RegExp][] = [
    ["down", { kind: "down" }, /connecting 127\.0\.0\.1:\d+: .*refused/],
    ["silent", { kind: "silent" }, "timed out after 10 s"],
    ["another host key", { kind: "other host key" }, "Find out which"],
    ["a key it refuses", { kind: "refuses key" }, "authorized_keys"],
    ["no multipath", { kind: "lacks", program: "multipath" }, /multipath is not installed.*multipath-tools/],
    [
      "invalid output of lsblk",
      { kind: "invalid output", program: "lsblk", stdout: "Segmentation fault" },
      /lsblk printed "Segmentation fault"/,
    ],
    ["pvs that hangs", { kind: "hangs", program: "pvs" }, /did not end within 20 s/],
    ["a connection cut during vgs", { kind: "cut during", program: "vgs", after: "before" }, /connection/],
    [
      "a failing multipath",
      { kind: "fails", program: "multipath", exitCode: 1, stderr: "DM driver is missing" },
      "DM driver is missing",
    ],
  ];
  // The lab's guests keep their keys.
  const onlySimulated = ["other host key", "refuses key"];
  for (const [what, fault, why] of troubles) {
    const itWhere = onlySimulated.includes(fault.kind) ? itSimulated : itAtLength;
    itWhere(what, { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await story.hosts.fault(HOST2, fault);
      await story.says("/zstack lun list cluster-1");
      const answer = await story.shows(/LUNs on 3 hosts/, "Not known", HOST2, why);
      expect(textIn(answer)).toContain(pathsEach);
      await story.hosts.heal(HOST2);
      await story.says("/zstack lun list cluster-1");
      const healed = await story.shows(/LUNs on 3 hosts/);
      expect(textIn(healed)).not.toContain("Not known");
    });
  }

  // The lab itself comes in through that user.
  itSimulated("a user that needs a password for sudo", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.hosts.fault("sharedblock-host3", { kind: "sudo wants a password" });
    await story.says("/zstack multipath status cluster-1");
    await story.shows("Not known", "sharedblock-host3", /NOPASSWD/);
  });

  itAtLength(
    "reports that it works if an answer takes over two seconds",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await story.hosts.fault(HOST2, { kind: "slow", ms: 3_000 });
      await story.says("/zstack lun list cluster-1");
      const looking = await story.shows("Observing the hosts");
      const answer = await story.shows(/LUNs on 3 hosts/);
      expect(answer.ts).toBe(looking.ts);
    },
  );
});

describe.concurrent("sharedblock add, interrupted: the same command finishes it", () => {
  const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
  const steps: [host: string, program: string, argument?: string][] = [
    ["sharedblock-host2", "tee", "/etc/lvm/lvmlocal.conf.zstack-chatops"],
    ["sharedblock-host2", "mv", "/etc/lvm/lvmlocal.conf"],
    ["sharedblock-host3", "tee", "/etc/sanlock/sanlock.conf.zstack-chatops"],
    ["sharedblock-host1", "systemctl", "enable"],
    ["sharedblock-host1", "dd"],
    ["sharedblock-host1", "wipefs", "--no-act"],
    ["sharedblock-host1", "wipefs", "--all"],
    ["sharedblock-host1", "vgcreate"],
    ["sharedblock-host3", "vgchange"],
  ];
  const interruptions: [string, (program: string, argument: string | undefined) => Fault, RegExp][] = [
    [
      "fails",
      (program, argument) => ({ kind: "fails", program, ...named(argument), exitCode: 5, stderr: "I/O error" }),
      /: failed/,
    ],
    [
      "is cut off before it began",
      (program, argument) => ({ kind: "cut during", program, ...named(argument), after: "before" }),
      /: unknown/,
    ],
    [
      "is cut off after it was done",
      (program, argument) => ({ kind: "cut during", program, ...named(argument), after: "effect" }),
      /: unknown/,
    ],
  ];
  const cases = steps.flatMap(([host, program, argument]) =>
    interruptions.map(([what, fault, state]) => ({
      title: [program, argument, "on", host, what].filter((word) => word !== undefined).join(" "),
      host,
      fault: fault(program, argument),
      state,
    })),
  );

  for (const { title, host, fault, state } of rowsOf(cases))
    itAtLength(title, { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await confirmed(story, add, fault, host);
      await story.shows(new RegExp(`Add ps-1 to cluster-1${state.source}`), "Not done", host);
      expect(story.bot.world.inventory.current().primaryStorages[0]?.sharedBlocks[0]?.addedAt ?? null).toBeNull();

      await story.hosts.heal(host);
      await story.says(add);
      await story.confirms(ending(luns.orphan));
      await story.shows("Add ps-1 to cluster-1: done (op-2)");

      const destroying = (await story.hosts.changes()).filter((line) => /: (wipefs --all -- |vgcreate )/.test(line));
      expect(destroying.map((line) => line.split(" ")[1])).toEqual(["wipefs", "vgcreate"]);
      expect(story.bot.world.inventory.current().primaryStorages[0]?.sharedBlocks[0]?.addedAt).not.toBeNull();
      await story.says("/zstack sharedblock show ps-1");
      await story.shows("Primary storage ps-1", /host1, \S*host2, \S*host3 Connected/);
    });
});

itAtLength(
  "a transient failure of a program is repeated, and both runs are in the log",
  { timeout: LIMIT_MS },
  async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const stderr = "  VG 7c9e start failed: invalid parameters for sanlock";
    const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
    const fault: Fault = {
      kind: "fails",
      program: "vgchange",
      argument: "--lockstart",
      exitCode: 5,
      stderr,
      once: true,
    };
    await confirmed(story, add, fault, HOST2);
    await story.shows("Add ps-1 to cluster-1: done", /host1, \S*host2, \S*host3 Connected/);
    const began = (await story.audit()).flatMap(({ event }) =>
      event.kind === "began" && event.argv.includes("--lockstart") ? [event.host] : [],
    );
    expect(began.sort()).toEqual(["sharedblock-host1", HOST2, HOST2, "sharedblock-host3"]);
  },
);

const named = (argument: string | undefined) => (argument === undefined ? {} : { argument });

async function confirmed(story: Story, words: string, fault: Fault, host: string): Promise<void> {
  await story.says(words);
  await story.clicks("Confirm");
  await story.hosts.fault(host, fault);
  expect(await story.sends(ending(luns.orphan))).toEqual({});
}
