import { afterEach, beforeEach, describe, expect } from "vitest";
import { writeTextFile } from "../../src/host/file.ts";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, itSimulated, luns, patient, target } from "./target.ts";
import { addsStorage, storageIn } from "./two-clusters.ts";

const [HOST1, HOST2, HOST3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"] as const;
const LIMIT_MS = patient(60_000);
const check = "/zstack cluster check cluster-1";

describe("cluster check: one answer for an incident", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await addsStorage(story);
    if (target === "lab") return;
    // The tutorial's array has a failed path, and a LUN that it does not offer to one host. These stories are not about
    // them.
    for (const host of [HOST1, HOST2, HOST3]) {
      await story.hosts.takes(luns.failedPath, host);
      await story.hosts.takes(luns.notEverywhere, host);
    }
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  itAtLength("finds nothing if nothing is wrong", async () => {
    await story.says(check);
    const answer = await story.shows("cluster-1: all is fine", "Shared Block storage ps-1", "joined as host ids 1–3");
    expect(textIn(answer)).toMatch(/renewed \d+ (to \d+ )?s ago/);
  });

  // Real hosts don't count the round trips.
  itSimulated("takes two round trips a host, and one more on a new connection of a user without root", async () => {
    const execs = () => story.hosts.names.map((name) => story.san.execs(name));
    const before = execs();
    await story.says(check);
    await story.shows("cluster-1: all is fine");
    expect(execs().map((now, index) => now - (before[index] ?? 0))).toEqual([2, 2, 3]);
  });

  itAtLength("names a host that does not answer once, and whether it is alive", async () => {
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says(check);
    const alive = await story.shows("cluster-1: 1 broken", /Broken +ssh on sharedblock-host2: .*refused.*It is alive/);
    expect(textIn(alive)).toContain(`/zstack host show ${HOST2}`);
    await story.hosts.powerOff(HOST2);
    await story.hosts.isMissed(HOST2);
    await story.says(check);
    await story.shows(
      /ssh on sharedblock-host2: .*Its lease is unchanged for \d+ s\. After \d+ s the host is dead for sanlock/,
    );
    await story.hosts.powerOn(HOST2);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done");
    await story.hosts.powerOff(HOST2);
    await story.hosts.isGivenUp(HOST2);
    await story.says(check);
    await story.shows(
      /ssh on sharedblock-host2: .*Its lease is unchanged for over \d+ s: for sanlock the host is dead/,
    );
  });

  itAtLength("shows the worst first, each with its fix", async () => {
    await story.hosts.failsPath(luns.blank, HOST1);
    await story.hosts.powerOff(HOST3);
    await story.hosts.powerOn(HOST3);
    await story.says(check);
    const answer = textIn(await story.shows("cluster-1: 1 broken, 1 at risk"));
    expect(findings(answer)).toEqual([
      expect.stringMatching(
        /^❌ Broken lockspace on sharedblock-host3: not joined\. Fix: \/zstack sharedblock reconnect ps-1 sharedblock-host3/,
      ),
      expect.stringMatching(
        /^⚠️ LUN …\S+ of ps-1: \d\/\d paths on sharedblock-host1\. Next: \/zstack multipath status sharedblock-host1/,
      ),
    ]);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST3}`);
    await story.shows(": done");
    await story.says(check);
    await story.shows("cluster-1: 1 at risk");
  });

  itAtLength("reports a wrong clock", async () => {
    await story.hosts.hasClockAhead(HOST1, 95);
    await story.says(check);
    const answer = textIn(await story.shows("cluster-1: 1 at risk"));
    expect(findings(answer)).toEqual([
      expect.stringMatching(
        /^⚠️ time on sharedblock-host1: 9[45]\.\d s ahead of the bot's clock\. Fix: on sharedblock-host1: chronyc makestep/,
      ),
    ]);
  });

  // The lab can't stop only one host's sanlock from writing for so long.
  itSimulated("finds a lease that is not renewed before sanlock drops it", async () => {
    story.san.array.failRenewals(HOST2, 45_000);
    await story.says(check);
    await story.shows(
      /⚠️ lease on sharedblock-host2: last renewed 4\d s ago, the latest try failed\. In 3\d s sanlock ends/,
    );
    story.san.array.failRenewals(HOST2, 70_000);
    await story.says(check);
    await story.shows(
      /Broken +lease on sharedblock-host2: last renewed 7\d s ago/,
      `/zstack multipath status ${HOST2}`,
    );
  });

  // The lab can't stop only one host's sanlock from writing for so long.
  itSimulated("calls the lease fine on no host that has none, and on none in maintenance", async () => {
    const fineOf = (text: string) => /Fine on every host: *([^\n]*)/.exec(text)?.[1]?.split(/, */) ?? [];
    await story.says(check);
    expect(fineOf(textIn(await story.shows("cluster-1: all is fine", "3 of 3 hosts are fine")))).toContain("lease");
    await story.bot.world.san?.apply(`lease-lost ${HOST3}`);
    await story.says(check);
    const lost = textIn(await story.shows("cluster-1: 1 broken", `lockspace on ${HOST3}`, "2 of 3 hosts are fine"));
    expect(fineOf(lost)).not.toContain("lease");
    expect(lost).toMatch(/lease: .*no lease \(sharedblock-host3\)/);
    await byHand(story, HOST3, ["lvmlockctl", "--drop", storageIn(story).uuid]);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done");
    await story.says("/zstack sharedblock maintain ps-1");
    await story.confirms("");
    await story.shows("Take ps-1 into maintenance: done");
    await story.says(check);
    const maintained = await story.shows(
      "Nothing to check: lockspace, lease",
      "fine in every check that has something",
    );
    expect(fineOf(textIn(maintained))).not.toContain("lease");
  });

  itAtLength("finds services that are off", async () => {
    await byHand(story, HOST1, ["systemctl", "disable", "sanlock.service"]);
    await byHand(story, HOST1, ["systemctl", "disable", "multipathd.service"]);
    await story.says(check);
    await story.shows(
      /Broken +multipathd on sharedblock-host1: not enabled at boot\. Fix: \/zstack multipath enable sharedblock-host1/,
      /⚠️ services on sharedblock-host1: sanlock.service not enabled at boot\. Fix: \/zstack sharedblock reconnect ps-1/,
    );
  });

  // sanlock with a watchdog would reset the lab's guests, and in the lab a LUN has one size on all paths of a host.
  itSimulated("finds a watchdog that sanlock needs and that is off, a stopped daemon and different sizes", async () => {
    const host = story.bot.world.inventory.current().hosts.find((each) => each.name === HOST1);
    if (!host) throw new Error("not there");
    await story.bot.world.hosts.run(host, writeTextFile("/etc/sanlock/sanlock.conf", "use_watchdog = 1\n"));
    await byHand(story, HOST1, ["systemctl", "stop", "multipathd.service"]);
    const [disk = ""] = story.san.array.devices(luns.blank, HOST3);
    story.san.array.pathSize(HOST3, disk, 2_190_433_320_961);
    await story.says(check);
    await story.shows(
      /Broken +watchdog on sharedblock-host1: .*the host has no watchdog device.* Fix: on sharedblock-host1: modprobe softdog/,
      /Broken +multipathd on sharedblock-host1: not running\. Fix: \/zstack multipath enable sharedblock-host1/,
      /⚠️ LUN …\S+: paths or hosts report different sizes on .*sharedblock-host2.*\. Fix: \/zstack sharedblock resize ps-1/,
    );
  });

  itAtLength("shows the other answers if one tool hangs, and calls the rest unknown", async () => {
    await story.hosts.fault(HOST1, { kind: "hangs", program: "systemctl" });
    await story.hosts.fault(HOST2, { kind: "fails", program: "sanlock", exitCode: 2, stderr: "I/O error" });
    await story.says(check);
    const answer = textIn(
      await story.shows(
        /Broken +tools on sharedblock-host1: systemctl did not end/,
        /Unknown +services on sharedblock-host1: systemctl did not end/,
        /Unknown +multipathd on sharedblock-host1: systemctl did not end/,
        /Unknown +watchdog on sharedblock-host2: .*I\/O error/,
      ),
    );
    expect(answer).toMatch(/joined as host ids? 1/);
    expect(answer).not.toMatch(/ssh on sharedblock-host1/);
  });

  itAtLength("names missing tools, lost LUNs and invalid output", async () => {
    await story.hosts.powerOff(HOST2);
    await story.hosts.unmaps(luns.blank, HOST2);
    await story.hosts.powerOn(HOST2);
    await story.hosts.fault(HOST1, { kind: "lacks", program: "multipath" });
    await story.hosts.fault(HOST3, { kind: "invalid output", program: "vgs", stdout: "Segmentation fault" });
    await story.says(check);
    await story.shows(
      /Broken +tools on sharedblock-host1: multipath is not installed.*\/zstack host prepare sharedblock-host1 install=true/,
      new RegExp(`Broken +LUN …${luns.blank.slice(-6)}: not seen on sharedblock-host2`),
      /Broken +tools on sharedblock-host3: vgs printed "Segmentation fault"/,
      /Unknown +volume group on sharedblock-host3:/,
    );
  });
});

const findings = (answer: string): string[] =>
  answer
    .split("\n")
    .flatMap((line) => /^ *((?:❌|⚠️) .*(?:Fix|Next): .*)$/.exec(line.replaceAll(/ {2,}| (?=\.)/g, " "))?.[1] ?? []);

describe("cluster check: a cluster without storage", () => {
  itAtLength("needs no locks", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const unseen = await story.arranges("notEverywhere");
    await story.says(check);
    await story.shows(
      /cluster-1: \d at risk/,
      "The cluster has no Shared Block storage",
      /Nothing to check: services, watchdog, volume group, lockspace, lease/,
      new RegExp(
        `LUN …${unseen.slice(-6)}: not seen on sharedblock-host3, seen on 2 others\\. *Fix: /zstack host rescan`,
      ),
      "off; no storage needs them",
    );
  });
});
