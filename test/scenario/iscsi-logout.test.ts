import { afterEach, beforeEach, describe, expect } from "vitest";
import { lvmUuid, physicalVolume } from "../../src/simulator/san/content.ts";
import { byHand } from "./by-hand.ts";
import { LIMIT_MS as EACH_MS, iscsiOf, luns, sessionsOf } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itEverywhere as it, itAtLength, itInFull, luns as labLuns, patient, target } from "./target.ts";
import { HOST1, HOST2, HOST3 } from "./two-clusters.ts";

const LIMIT_MS = patient(EACH_MS);

describe("iscsi logout", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  itAtLength("and no map, disk or record is left", async () => {
    const { iqn, lun } = await iscsiOf(story, HOST3);
    await story.says(`/zstack iscsi logout ${HOST3} target=${iqn}`);
    await story.shows(`Log ${HOST3} out of ${iqn}`, lun, "log out, delete the record", "multipath -f");
    await story.clicks("Confirm");
    await story.shows(": done");
    await story.says(`/zstack iscsi list ${HOST3}`);
    await story.shows("0 iSCSI sessions");
    await story.says(`/zstack lun show cluster-1 ${lun}`);
    expect(textIn(await story.shows(`LUN ${lun}`))).not.toMatch(new RegExp(`^${HOST3} .*sd[a-z]`, "m"));
    expect(await byHand(story, HOST3, ["multipath", "-ll"])).not.toContain(lun);
    expect(await byHand(story, HOST3, ["ls", "/etc/iscsi/nodes"])).not.toContain(iqn);
  });

  itAtLength("not if it is in use since the plan was shown", async () => {
    const { iqn, lun } = await iscsiOf(story, HOST3);
    await story.says(`/zstack iscsi logout ${HOST3} target=${iqn}`);
    await story.shows(`Log ${HOST3} out of ${iqn}`);
    await story.hosts.mounts(lun, HOST3, "/mnt/data");
    await story.clicks("Confirm");
    await story.shows(": refused", `is mounted on ${HOST3} at /mnt/data`);
    expect((await story.hosts.changes()).filter((line) => /multipath -f|--logout/.test(line))).toEqual([]);
  });

  itInFull("not while it is a physical volume of a group, and the group is named", async () => {
    const { iqn } = await sessionsOf(story, HOST3);
    const lun = target === "lab" ? labLuns.ofAnotherGroup : luns.shared;
    if (target === "simulated") {
      const sizes = { sizeBytes: 1024 ** 4, dataStartBytes: 1024 ** 2 };
      story.san.array.write(lun, physicalVolume(lvmUuid("second"), sizes, lvmUuid("vg_archive")));
    }
    await story.says(`/zstack iscsi logout cluster-1 target=${iqn}`);
    await story.shows(
      "Nothing was changed",
      new RegExp(`${lun} is a physical volume of volume group (vg_archive|other_vg)`),
    );
  });

  itAtLength("not while it is a shared block", async () => {
    const { iqn } = await sessionsOf(story, HOST3);
    const lun = target === "lab" ? labLuns.blank : luns.shared;
    await story.says(`/zstack sharedblock add cluster-1 wwid=${lun} name=ps-1`);
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
    await story.says(`/zstack iscsi logout cluster-1 target=${iqn}`);
    await story.shows("Nothing was changed", `${lun} is a shared block of ps-1`, /in use on sharedblock-host1\b.* by/);
  });

  it("not if a host can't be read", async () => {
    const { iqn } = await sessionsOf(story, HOST1);
    await story.hosts.fault(HOST3, { kind: "down" });
    await story.says(`/zstack iscsi logout cluster-1 target=${iqn}`);
    await story.shows("Nothing was changed", `${HOST3} can't be read completely`);
  });
});

itAtLength(
  "a host leaves one portal, and its map keeps the other path; if the LUN is mounted, it leaves none",
  { timeout: LIMIT_MS },
  async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const { iqn, portals, lun } = await iscsiOf(story, HOST3);
    await story.hosts.mounts(lun, HOST2, "/mnt/data");
    await story.says(`/zstack iscsi logout cluster-1 target=${iqn}`);
    await story.shows("Nothing was changed", `${lun} is mounted on ${HOST2} at /mnt/data`);

    await story.says(`/zstack iscsi logout ${HOST3} target=${iqn} portal=${portals[1]}`);
    const plan = await story.shows(`Log ${HOST3} out of ${iqn}`, `${portals[1]}`);
    expect(textIn(plan)).not.toContain("multipath -f");
    await story.clicks("Confirm");
    await story.shows(`Log ${HOST3} out of ${iqn}: done`);
    await story.says(`/zstack iscsi list ${HOST3}`);
    await story.shows(`${portals.length - 1} iSCSI session`);
    await story.says(`/zstack multipath status ${HOST3}`);
    await story.shows(new RegExp(`healthy ${portals.length - 1}/${portals.length - 1} .*${HOST3} .*${lun}`));
  },
);
