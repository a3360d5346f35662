import { describe, expect } from "vitest";
import { becomesRocky, byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, itSimulated, luns, patient, target } from "./target.ts";

const [HOST1, HOST2, HOST3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"] as const;
const LIMIT_MS = patient(60_000);
const CONF = "/etc/multipath.conf";

const mapsOn = (story: Story, host: string): Promise<string> => byHand(story, host, ["multipath", "-ll"]);
const write = (story: Story, host: string, text: string): Promise<string> =>
  byHand(story, host, ["tee", "--", CONF], text);

describe.concurrent("multipath status: settings that differ from the defaults", { timeout: LIMIT_MS }, () => {
  itAtLength("does not prevent the desired names of maps", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const conf = (value: string) =>
      `defaults {\n\tfind_multipaths yes\n\tuser_friendly_names no\n}\noverrides {\n\tuser_friendly_names ${value}\n}\n`;
    const model = target === "lab" ? 'vendor "LABSAN"\n\t\tproduct "LUN"' : 'vendor "DELL"\n\t\tproduct "MD32xx"';
    const make = (value: string) =>
      `defaults {\n\tfind_multipaths yes\n\tuser_friendly_names no\n}\ndevices {\n\tdevice {\n\t\t${model}\n\t\tuser_friendly_names ${value}\n\t}\n}\n`;
    await write(story, HOST1, conf("yes"));
    await write(story, HOST2, make("yes"));
    for (const host of [HOST1, HOST2]) await byHand(story, host, ["multipathd", "reconfigure"]);
    expect(await mapsOn(story, HOST1)).toMatch(new RegExp(`^mpath[a-z] \\(${luns.orphan}\\)`, "m"));

    await story.says("/zstack multipath enable cluster-1 names=wwid");
    await story.shows(
      `${CONF} find_multipaths yes, user_friendly_names no, in overrides yes find_multipaths yes, user_friendly_names no, in overrides no ${HOST1}`,
      `${CONF} find_multipaths yes, user_friendly_names no, in devices yes find_multipaths yes, user_friendly_names no, in devices no ${HOST2}`,
      "get another name",
    );
    // Long, so that it is in the thread.
    await story.shows("get another name", new RegExp(`${HOST1}.* mpath[a-z] ${luns.orphan}`));
    await story.clicks("Confirm");
    await story.shows("Enable multipath on cluster-1: done");
    for (const host of [HOST1, HOST2]) expect(await mapsOn(story, host)).not.toContain("mpath");
    expect(await byHand(story, HOST1, ["cat", CONF])).toBe(conf("no"));
    expect(await byHand(story, HOST2, ["cat", CONF])).toBe(make("no"));
    await story.says("/zstack multipath enable cluster-1 names=wwid");
    await story.shows(`multipath is set up already: ${HOST1}, ${HOST2}, ${HOST3}`);
  });

  itAtLength("stays in the file that a link leads to, and a backup is kept", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const before = "defaults {\n\tfind_multipaths strict\n\tuser_friendly_names yes\n}\n";
    await byHand(story, HOST3, ["mkdir", "-p", "/srv/settings"]);
    await byHand(story, HOST3, ["mv", "--", CONF, "/srv/settings/multipath.conf"]);
    await byHand(story, HOST3, ["ln", "-s", "../srv/settings/multipath.conf", CONF]);
    await write(story, HOST3, before);
    await story.says(`/zstack multipath enable ${HOST3}`);
    await story.shows(`Enable multipath on ${HOST3}`, "mv", "/srv/settings/multipath.conf.zstack-chatops");
    await story.clicks("Confirm");
    await story.shows(`Enable multipath on ${HOST3}: done`);
    expect(await byHand(story, HOST3, ["readlink", CONF])).toBe("../srv/settings/multipath.conf\n");
    expect(await byHand(story, HOST3, ["cat", "/srv/settings/multipath.conf"])).toBe(before.replace("strict", "yes"));
    const beside = (await byHand(story, HOST3, ["ls", "/etc"])).match(/multipath\.conf\.zstack-chatops-\d{14}/);
    expect(await byHand(story, HOST3, ["cat", `/etc/${beside?.[0]}`])).toBe(before);
  });
});

describe.concurrent("multipath status: LUNs that hosts see as plain disks", { timeout: LIMIT_MS }, () => {
  // The lab has one distribution, without mpathconf.
  itSimulated(
    "are named with the rule that hides them, before and after, also if mpathconf removed another one",
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await becomesRocky(story, HOST1);
      await write(
        story,
        HOST1,
        `defaults {\n\tuser_friendly_names yes\n}\nblacklist {\n\tdevnode "*"\n\twwid "${luns.blank}"\n}\n`,
      );
      await byHand(story, HOST1, ["multipath", "-f", luns.blank]);
      await byHand(story, HOST1, ["multipathd", "reconfigure"]);
      await story.says(`/zstack multipath enable ${HOST1}`);
      await story.shows(`Enable multipath on ${HOST1}`, "blacklists every disk", "Not taken as maps");
      await story.clicks("Confirm");
      const why = `the blacklist holds wwid "${luns.blank}" 1. remove that from ${CONF} or /etc/multipath/conf.d on ${HOST1} 2. /zstack multipath enable ${HOST1} ${HOST1} sdc, sdf, sdi ${luns.blank}`;
      await story.shows(`Enable multipath on ${HOST1}: done`, "Not taken as maps", why);

      await story.says(`/zstack multipath enable ${HOST1}`);
      await story.shows(`multipath is set up already: ${HOST1}`, "seen as plain disks", `wwid "${luns.blank}"`);
      const text = await byHand(story, HOST1, ["cat", CONF]);
      await write(story, HOST1, text.replace(/^\twwid .*\n/m, ""));
      await story.says(`/zstack multipath enable ${HOST1}`);
      await story.clicks("Confirm");
      const done = await story.shows(`Enable multipath on ${HOST1}: done`, "7 maps: 0 lost");
      await story.shows("Multipath", new RegExp(`healthy 3/3 .*${HOST1} .*${luns.blank}$`, "m"));
      expect(textIn(done)).not.toContain("plain disks");
    },
  );
});
