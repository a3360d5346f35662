import { describe, expect } from "vitest";
import { becomesRocky, byHand, mapOf } from "./by-hand.ts";
import { guarded, luns as iscsiLuns, secret, shared, user } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, itSimulated, luns, patient } from "./target.ts";

const [HOST1, HOST2] = ["sharedblock-host1", "sharedblock-host2"] as const;
const CONF = "/etc/multipath.conf";
const add = `/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`;

/** The line of a table with all these words. */
const rowOf = (text: string, ...words: readonly string[]): string =>
  text.split("\n").find((line) => words.every((word) => line.includes(word))) ?? "";

/** States that the lab's hosts don't reach by themselves. */
describe.concurrent("multipath status: unusual states of disks", { timeout: patient(60_000) }, () => {
  itSimulated("if multipath can't be read: no paths and no map are known", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const { disks } = await mapOf(story, HOST2, luns.blank);
    const asMap = new RegExp(`(?:${disks.join("|")}) \\d/\\d`);
    await byHand(story, HOST2, ["tee", "--", CONF], 'blacklist {\n\tdevnode "*"\n}\n');

    await story.says("/zstack lun list cluster-1");
    const list = textIn(await story.shows("LUNs", "Not known", `${HOST2} multipath rejects its settings`));
    expect(rowOf(list, luns.blank)).toContain("map and paths not known");
    expect(list).not.toMatch(asMap);

    await story.says(`/zstack multipath status ${HOST2}`);
    const status = textIn(await story.shows(`Multipath of ${HOST2}`, "Not known", "parsing failed"));
    expect(status).toContain("No multipath map is known; 1 host could not be read.");
    expect(status).not.toMatch(asMap);

    await story.says(add);
    await story.shows("Nothing was changed", HOST2, "multipath rejects its settings");
  });

  itSimulated("a map without its disks is lost, with none of its paths working", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    story.san.array.unmap(luns.blank, HOST2, "a map of gone paths");

    await story.says(`/zstack multipath status ${HOST2}`);
    const status = textIn(await story.shows(`Multipath of ${HOST2}`, "1 lost"));
    expect(rowOf(status, luns.blank)).toMatch(/^lost +0\/3 /);

    await story.says("/zstack lun list cluster-1");
    const list = textIn(await story.shows("LUNs", luns.blank));
    expect(rowOf(list, luns.blank)).toContain("0/3");

    await story.says(add);
    await story.shows("Nothing was changed", HOST2, luns.blank);
  });

  itAtLength("a map that queues without disks is lost, and delays no answer", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.hosts.losesDisks(luns.blank, HOST2);

    await story.says(`/zstack multipath status ${HOST2}`);
    expect(rowOf(textIn(await story.shows(`Multipath of ${HOST2}`, "1 lost")), luns.blank)).toMatch(/^lost +0\//);

    await story.says("/zstack lun list cluster-1");
    expect(rowOf(textIn(await story.shows("LUNs", luns.blank)), luns.blank)).toMatch(/\b0\/\d/);

    await story.says(add);
    await story.shows("Nothing was changed", HOST2, luns.blank);
  });

  itSimulated("paths outside their map are named, and the LUN can't be added", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const { disks } = await mapOf(story, HOST2, luns.blank);
    const outside = disks.slice(1).sort();
    for (const disk of outside) story.san.array.leaveOut(HOST2, disk);

    await story.says(`/zstack multipath status ${HOST2}`);
    const status = textIn(await story.shows(`Multipath of ${HOST2}`, "degraded"));
    expect(rowOf(status, luns.blank)).toMatch(/^degraded +1\/3 /);
    expect(rowOf(status, luns.blank)).toContain(`${outside.join(", ")} outside the map`);

    await story.says(add);
    await story.shows(
      "Nothing was changed",
      `${HOST2} sees ${luns.blank} also as ${outside.join(", ")}, outside its multipath map`,
    );
  });

  itSimulated("a whitelist by device names is kept, and its missing lines are named", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesRocky(story, HOST1);
    const [left, taken] = [await mapOf(story, HOST1, luns.blank), await mapOf(story, HOST1, luns.orphan)];
    const kept = taken.disks.map((disk) => `\tdevnode "^${disk}$"\n`).join("");
    const whitelist = `blacklist {\n        devnode "*"\n}\n\nblacklist_exceptions {\n${kept}}\n`;
    const conf = `# multipath.conf written by anaconda\n\n${whitelist}\ndefaults {\n\tuser_friendly_names yes\n\tfind_multipaths strict\n}\n`;
    await byHand(story, HOST1, ["tee", "--", CONF], conf);
    await byHand(story, HOST1, ["multipath", "-f", left.name]);

    const lines = left.disks.map((disk) => `devnode "^${disk}$"`).sort();
    await story.says(`/zstack multipath enable ${HOST1}`);
    const plan = textIn(await story.shows(`Enable multipath on ${HOST1}`, "the whitelist leaves it out"));
    expect(
      rowOf(plan, luns.blank, "blacklist_exceptions")
        .match(/devnode "\^sd\w+\$"/g)
        ?.sort(),
    ).toEqual(lines);
    await story.clicks("Confirm");
    await story.shows(`Enable multipath on ${HOST1}: done`, "the whitelist leaves it out");
    expect(await byHand(story, HOST1, ["cat", CONF])).toBe(conf.replace("strict", "yes"));
    expect(await byHand(story, HOST1, ["multipath", "-ll"])).not.toContain(luns.blank);
  });

  itSimulated("a whitelist by WWIDs needs the WWID, and with it the LUN gets a map", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const { name } = await mapOf(story, HOST1, luns.blank);
    const conf = (...wwids: readonly string[]) =>
      `defaults {\n\tfind_multipaths yes\n\tuser_friendly_names yes\n}\nblacklist {\n        wwid .*\n}\nblacklist_exceptions {\n${wwids.map((wwid) => `        wwid "${wwid}"\n`).join("")}}\n`;
    await byHand(story, HOST1, ["tee", "--", CONF], conf(luns.orphan));
    await byHand(story, HOST1, ["multipathd", "reconfigure"]);
    await byHand(story, HOST1, ["multipath", "-f", name]);

    await story.says(`/zstack multipath enable ${HOST1}`);
    await story.shows(
      "the whitelist leaves it out",
      `1. add wwid "${luns.blank}" to blacklist_exceptions in ${CONF} on ${HOST1} 2. /zstack multipath enable ${HOST1}`,
    );
    expect(await byHand(story, HOST1, ["cat", CONF])).toBe(conf(luns.orphan));

    await byHand(story, HOST1, ["tee", "--", CONF], conf(luns.orphan, luns.blank));
    await story.says(`/zstack multipath enable ${HOST1}`);
    await story.shows(`Enable multipath on ${HOST1}`, `maps none of ${luns.blank}`);
    await story.clicks("Confirm");
    await story.shows(`Enable multipath on ${HOST1}: done`);
    await story.shows("health paths LUN hosts map", luns.blank);
    expect(await byHand(story, HOST1, ["cat", CONF])).toBe(conf(luns.orphan, luns.blank));
    expect(await byHand(story, HOST1, ["multipath", "-ll"])).toContain(luns.blank);
  });

  itSimulated("disks without a usable name are counted and shown", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const wwid = "1IET     00010001";
    story.san.array.offer({ wwid, sizeBytes: 100 * 1024 ** 3, hosts: [HOST2] });
    story.san.array.map(wwid, HOST2);
    const { disks } = await mapOf(story, HOST2, wwid);
    story.san.array.flushMap(wwid, HOST2);

    await story.says("/zstack lun list cluster-1");
    const list = textIn(await story.shows("LUNs", `${disks.length} disks have no usable name`, "Give the LUN a WWN"));
    for (const disk of disks) expect(list).toMatch(new RegExp(`${HOST2} ${disk} \\(.*107.4 GB, t10\\.IET`));
    expect(rowOf(list, luns.blank)).not.toBe("");
  });

  itSimulated("the portal of a session is unknown if the target redirected it", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    story.san.array.sendOn(guarded, "172.20.14.51");
    const ports = "172.20.14.11,172.20.14.12";
    await story.says(`/zstack iscsi login ${HOST1} portal=${ports} target=${guarded} chap-user=${user}`);
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", secret)).toEqual({});
    await story.shows(`Log ${HOST1} in to ${guarded}`, ": done");

    await story.says(`/zstack iscsi list ${HOST1}`);
    const list = textIn(await story.shows("2 iSCSI sessions", guarded));
    expect(
      list.match(new RegExp(`^logged in ${HOST1} 172.20.14.51:3260 ${guarded} ${iscsiLuns.guarded}`, "gm")),
    ).toHaveLength(1);
    expect(list).not.toContain(shared);

    await story.says(`/zstack iscsi logout ${HOST1} target=${guarded}`);
    const refusal = textIn(await story.shows("Nothing was changed", "does not report its login portal"));
    expect(refusal).toContain("session 2 at 172.20.14.51:3260");
    expect(refusal).not.toContain("session 1 at");
    expect((await story.hosts.changes()).filter((line) => line.includes("--logout"))).toEqual([]);
  });
});
