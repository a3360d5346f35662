import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { becomesRocky, byHand, mapOf } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { itAtLength, itInFull, itSimulated, luns, pathsEach, patient } from "./target.ts";

const [HOST1, HOST2, HOST3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"] as const;
const LIMIT_MS = patient(60_000);
const CONF = "/etc/multipath.conf";

const OLD_CONF = `# set up in 2019
defaults {
	polling_interval 10
	find_multipaths strict	# as it came
	user_friendly_names yes
}
blacklist {
	devnode "^vda$"
}
`;

/** A host on which multipathd never ran: no settings, and a LUN with several paths and no map. Returns these. */
async function withoutMultipath(story: Story, host: string): Promise<string[]> {
  const { name, disks } = await mapOf(story, host, luns.blank);
  await byHand(story, host, ["systemctl", "disable", "--now", "multipathd.service"]);
  // Without its settings multipath would first give the map another name.
  await byHand(story, host, ["multipath", "-f", name]);
  await byHand(story, host, ["mv", "--", CONF, "/root/multipath.conf"]);
  return disks.sort();
}

const confOn = (story: Story, host: string): Promise<string> => byHand(story, host, ["cat", CONF]);
const mapsOn = (story: Story, host: string): Promise<string> => byHand(story, host, ["multipath", "-ll"]);

describe.concurrent("multipath enable", { timeout: LIMIT_MS }, () => {
  itAtLength("on a host that had none, and shows the maps", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const disks = await withoutMultipath(story, HOST1);
    await story.says(`/zstack multipath enable ${HOST1}`);
    const plan = await story.shows(
      `Enable multipath on ${HOST1}`,
      `${CONF} none find_multipaths yes, user_friendly_names no ${HOST1}`,
      "multipathd off",
      `maps none of ${luns.blank} (${disks.join(", ")})`,
    );
    expect(textIn(plan)).not.toContain("mpathconf");
    await story.clicks("Confirm");
    await story.shows(`Enable multipath on ${HOST1}: done`, /\d maps: 0 lost/);
    // Long, so that it is in the thread.
    await story.shows("Multipath", new RegExp(`healthy ${pathsEach} .*${HOST1} .*${luns.blank}$`, "m"));
    expect(await confOn(story, HOST1)).toBe("defaults {\n\tfind_multipaths yes\n\tuser_friendly_names no\n}\n");
    expect(await mapsOn(story, HOST1)).toMatch(new RegExp(`^${luns.blank} dm-`, "m"));
    expect(await byHand(story, HOST1, ["systemctl", "is-active", "multipathd"])).toBe("active\n");
    expect((await story.hosts.changes()).filter((line) => !line.startsWith(HOST1))).toEqual([]);

    await story.says(`/zstack multipath enable ${HOST1}`);
    await story.shows(
      `Multipath can't be enabled on ${HOST1}`,
      `multipath is set up already: ${HOST1}`,
      `multipath status ${HOST1}`,
      "Nothing was changed",
    );
  });

  itAtLength("with only our settings changed, and a backup of the earlier file", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await byHand(story, HOST2, ["tee", "--", CONF], OLD_CONF);
    await byHand(story, HOST2, ["multipathd", "reconfigure"]);
    await story.says(`/zstack multipath enable ${HOST2}`);
    await story.shows(
      `${CONF} find_multipaths strict, user_friendly_names yes find_multipaths yes, user_friendly_names yes ${HOST2}`,
      "multipathd find_multipaths strict, user_friendly_names yes",
    );
    await story.clicks("Confirm");
    await story.shows(`Enable multipath on ${HOST2}: done`);
    expect(await confOn(story, HOST2)).toBe(OLD_CONF.replace("strict", "yes"));
    const beside = (await byHand(story, HOST2, ["ls", "/etc"])).match(/multipath\.conf\.zstack-chatops-\d{14}/g) ?? [];
    expect(beside).toHaveLength(1);
    expect(await byHand(story, HOST2, ["cat", `/etc/${beside[0]}`])).toBe(OLD_CONF);
    expect(await mapsOn(story, HOST2)).toMatch(new RegExp(`^mpath[a-z] \\(${luns.orphan}\\)`, "m"));
  });

  itAtLength("with one name for a LUN on every host, after a name meant two LUNs", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const twoMeanings = new RegExp(`mpatha is LUN …\\S+ on ${HOST1}.* and LUN …\\S+ on ${HOST3}`);
    await story.says("/zstack multipath status cluster-1");
    await story.shows(/Multipath of cluster-1/, twoMeanings, "multipath enable cluster-1 names=wwid");
    await story.says("/zstack multipath enable cluster-1 names=wwid");
    const plan = await story.shows("Enable multipath on cluster-1", twoMeanings, "get another name", "/etc/fstab");
    const renamed = await story.shows("get another name", new RegExp(`${HOST1}.* mpath[a-z] ${luns.orphan}`));
    if (renamed.ts !== plan.ts) expect(renamed.threadTs).toBe(plan.ts);
    await story.clicks("Confirm");
    const done = await story.shows("Enable multipath on cluster-1: done", / \d+ maps/);
    expect(textIn(done).slice(textIn(done).search(/ \d+ maps/))).not.toContain("mpath");
    const maps = await story.shows("Multipath", new RegExp(`healthy ${pathsEach} .*${luns.orphan}$`, "m"));
    expect(textIn(maps)).not.toContain("mpath");
    expect(await mapsOn(story, HOST3)).toMatch(new RegExp(`^${luns.orphan} dm-`, "m"));
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
  });

  itAtLength("on one host, which is warned of a name that means another LUN elsewhere", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.says(`/zstack multipath enable ${HOST3}`);
    await story.shows(`Enable multipath on ${HOST3}`, "The same name means different LUNs", `mpatha is`, HOST1);
    await story.clicks("Confirm");
    await story.shows(`Enable multipath on ${HOST3}: done`);

    await story.says(`/zstack multipath enable ${HOST3}`);
    const refused = await story.shows(`multipath is set up already: ${HOST3}`, "multipath enable cluster-1 names=wwid");
    expect(textIn(refused)).toMatch(/The same name means different LUNs[\s\S]*mpatha is/);
    expect(textIn(refused)).not.toContain("already prepared");
  });

  // The lab has one distribution.
  itSimulated(
    "by mpathconf on RHEL: without settings, and with all disks in the blacklist",
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await becomesRocky(story, HOST1);
      await withoutMultipath(story, HOST1);
      await becomesRocky(story, HOST3);
      await byHand(story, HOST3, ["tee", "--", CONF], `${OLD_CONF}blacklist {\n\tdevnode "*"\n}\n`);
      await story.says("/zstack multipath enable cluster-1");
      await story.shows(
        "mpathconf --enable --find_multipaths y --user_friendly_names n --with_multipathd y",
        "mpathconf --enable --with_multipathd y",
        `${CONF} blacklists every disk`,
      );
      await story.clicks("Confirm");
      await story.shows("Enable multipath on cluster-1: done");
      expect(await confOn(story, HOST1)).toMatch(/defaults \{\n\tuser_friendly_names no\n\tfind_multipaths yes\n\}/);
      expect(await confOn(story, HOST3)).toBe(`${OLD_CONF.replace("strict", "yes")}blacklist {\n#\tdevnode ".*"\n}\n`);
      expect(await mapsOn(story, HOST1)).toContain(luns.blank);
      await story.says("/zstack multipath enable cluster-1");
      await story.shows(`multipath is set up already: ${HOST1}, ${HOST2}, ${HOST3}`);
    },
  );

  itInFull("not if a person must fix the host first", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await byHand(story, HOST1, ["tee", "--", CONF], 'blacklist {\n\tdevnode "*"\n}\n');
    await expect(byHand(story, HOST1, ["multipathd", "reconfigure"])).rejects.toThrow("error parsing config file");
    await story.says(`/zstack multipath enable ${HOST1}`);
    const refusal = `rejects its settings: ${CONF} line 2, parsing failed: devnode "*"`;
    const fix = "Fix: correct what the reason names on that host, then send the command again";
    const rejected = await story.shows("Nothing was changed", HOST1, refusal, fix, `multipath status ${HOST1}`);
    expect(textIn(rejected)).not.toContain("host prepare");
    expect(textIn(rejected).match(/Fix/g)).toHaveLength(1);
    await byHand(story, HOST1, ["tee", "--", CONF], 'blacklist {\n\tdevnode ".*"\n}\n');
    await story.says(`/zstack multipath enable ${HOST1}`);
    await story.shows(
      "Nothing was changed",
      HOST1,
      "every disk in the blacklist",
      `remove that line from ${CONF} on ${HOST1}`,
    );
    await byHand(story, HOST1, ["tee", "--", CONF], "defaults { find_multipaths yes }\n");
    await story.says(`/zstack multipath enable ${HOST1}`);
    await story.shows(
      "Nothing was changed",
      `${CONF} can't be changed on ${HOST1}`,
      "line 2: section defaults is not closed",
    );
    await byHand(story, HOST2, ["apt-get", "--yes", "remove", "multipath-tools"]);
    await story.says(`/zstack multipath enable ${HOST2}`);
    await story.shows("Nothing was changed", `${HOST2}: multipath`, "is not installed", `host prepare ${HOST2}`);
    expect((await story.hosts.changes()).filter((line) => line.includes("cp "))).toEqual([]);
  });
});

describe.concurrent("multipath enable, interrupted: the same command finishes it", () => {
  const words = `/zstack multipath enable ${HOST2} names=wwid`;
  const title = `Enable multipath on ${HOST2}`;
  const steps: [program: string, argument: string][] = [
    ["modprobe", "--all"],
    ["tee", "/etc/modules-load.d/zstack-chatops.conf.zstack-chatops"],
    ["mv", "/etc/modules-load.d/zstack-chatops.conf"],
    ["cp", CONF],
    ["tee", `${CONF}.zstack-chatops`],
    ["mv", CONF],
    ["systemctl", "enable"],
    ["multipathd", "reconfigure"],
    ["udevadm", "settle"],
  ];
  const interruptions: [string, (program: string, argument: string) => Fault, string][] = [
    [
      "fails",
      (program, argument) => ({ kind: "fails", program, argument, exitCode: 5, stderr: "I/O error" }),
      "failed",
    ],
    [
      "is cut off before it began",
      (program, argument) => ({ kind: "cut during", program, argument, after: "before" }),
      "unknown",
    ],
    [
      "is cut off after it was done",
      (program, argument) => ({ kind: "cut during", program, argument, after: "effect" }),
      "unknown",
    ],
  ];
  const cases = steps.flatMap(([program, argument]) =>
    interruptions.map(([what, fault, state]) => ({
      title: `${program} ${argument} ${what}`,
      fault: fault(program, argument),
      program,
      state,
    })),
  );

  itAtLength.for(rowsOf(cases))(
    "$title",
    { timeout: LIMIT_MS },
    async ({ fault, program, state }, { onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await withoutMultipath(story, HOST2);
      await byHand(story, HOST2, ["tee", "--", CONF], OLD_CONF);
      await story.says(words);
      await story.shows(title, "What differs");
      await story.hosts.fault(HOST2, fault);
      await story.clicks("Confirm");
      await story.shows(`${title}: ${state}`, `${HOST2} ${state}: `, program);
      // Its steps are in the thread.
      await story.shows("1. Set up multipath — ended after", "Not done", `on ${HOST2}, ${state}: `, program);
      await story.hosts.heal(HOST2);

      await story.says(words);
      const again = await story.shows(/What differs|is set up already/);
      if (textIn(again).includes("What differs")) {
        await story.clicks("Confirm");
        await story.shows(`${title}: done (op-2)`);
      }
      expect(await confOn(story, HOST2)).toBe(
        OLD_CONF.replace("strict", "yes").replace("user_friendly_names yes", "user_friendly_names no"),
      );
      expect(await mapsOn(story, HOST2)).toMatch(new RegExp(`^${luns.blank} dm-`, "m"));
      expect(await byHand(story, HOST2, ["multipathd", "show", "config"])).toMatch(/user_friendly_names "no"/);
      expect(await byHand(story, HOST2, ["systemctl", "is-active", "multipathd"])).toBe("active\n");
    },
  );
});
