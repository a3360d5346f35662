import { afterEach, beforeEach, describe, expect } from "vitest";
import { lvmUuid, physicalVolume } from "../../src/local/san/content.ts";
import { becomesRocky, byHand } from "./by-hand.ts";
import {
  first,
  guarded,
  iscsiOf,
  LIMIT_MS,
  loggedIn,
  login,
  logins,
  logout,
  luns,
  second,
  shared,
} from "./iscsi-words.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it, itAtLength, patient } from "./target.ts";
import { HOST1, HOST2, HOST3 } from "./two-clusters.ts";

const HOSTS = [HOST1, HOST2, HOST3];

describe("hosts log in to an iSCSI target", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it("over every portal, now and at boot, and the LUN behind it appears", { timeout: LIMIT_MS }, async () => {
    await story.says(login);
    const plan = await story.shows(
      `Log cluster-1 in to ${shared}`,
      /sharedblock-host3 172\.20\.14\.12:3260 none none new record, log in at boot, log in/,
      "iqn.1993-08.org.debian:01:",
      "--login",
    );
    expect(textIn(plan)).not.toContain("Confirm asks for");
    expect(await story.hosts.changes()).toEqual([]);
    await story.clicks("Confirm");
    await story.shows(`Log cluster-1 in to ${shared}: done`, "1 LUN(s) appeared", luns.shared, /mpath\w 2\/2/);

    await story.says("/zstack iscsi list cluster-1");
    await story.shows("6 iSCSI sessions", new RegExp(`${HOSTS[2]} ${shared} ${second}:3260 logged in ${luns.shared}`));
    const record = story.san.file("sharedblock-host2", `/etc/iscsi/nodes/${shared}/${second},3260`);
    expect(record).toContain("node.startup = automatic");
    await story.says(`/zstack lun show cluster-1 ${luns.shared}`);
    await story.shows(luns.shared, "LIO-ORG");
  });

  it("only once: the same words plan nothing more", { timeout: LIMIT_MS }, async () => {
    await loggedIn(story);
    const before = await story.hosts.changes();
    await story.says(login);
    const plan = await story.shows("nothing, all is there");
    expect(textIn(plan)).not.toContain("--login");
    await story.clicks("Confirm");
    await story.shows(": done", "0 LUN(s) appeared", luns.shared);
    expect(await story.hosts.changes()).toEqual(before);
  });

  it("finds a LUN that the array added to the target since", { timeout: LIMIT_MS }, async () => {
    await loggedIn(story);
    story.san.array.offerTo(shared, { wwid: "36001405b0a1c2d3e4f5a6b7c8d9e0f12", sizeBytes: 2 * 1024 ** 4 });
    await story.says(login);
    await story.clicks("Confirm");
    await story.shows(": done", "1 LUN(s) appeared", "36001405b0a1c2d3e4f5a6b7c8d9e0f12");
  });

  it("not without a target: the portals are asked, and every target is named with what to type", async () => {
    await story.says(`/zstack iscsi login cluster-1 portal=${first},172.20.14.99`);
    await story.shows(
      "Refused: nothing was changed",
      `${shared} at 192.168.77.11:3260, 192.168.77.12:3260`,
      "sharedblock-host3 could not ask 172.20.14.99:3260",
      `/zstack iscsi login cluster-1 portal=${first}:3260,172.20.14.99:3260 target=${guarded}`,
    );
    expect(await story.hosts.changes()).toEqual([]);
  });

  it("not where open-iscsi is missing on a host: it is named, with the package", async () => {
    await story.hosts.fault("sharedblock-host2", { kind: "lacks", program: "iscsiadm" });
    await story.says(login);
    await story.shows("Refused", /sharedblock-host2: iscsiadm is not installed.*iscsi-initiator-utils.*open-iscsi/);
    expect(await story.hosts.changes()).toEqual([]);
  });

  it("once open-iscsi is installed, by the words that the refusal names", { timeout: LIMIT_MS }, async () => {
    await byHand(story, "sharedblock-host2", ["apt-get", "--yes", "remove", "open-iscsi"]);
    await story.says(login);
    await story.shows("Refused", "sharedblock-host2: iscsiadm is not installed", "host prepare cluster-1 install=true");
    await story.says("/zstack host prepare cluster-1 install=true");
    await story.shows("Prepare cluster-1", "sharedblock-host2 packages lacks open-iscsi installed by apt-get");
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");
    await loggedIn(story);
  });

  it("at boot by what starts iscsi.service on RHEL 9, where that one has no place of its own", {
    timeout: LIMIT_MS,
  }, async () => {
    await becomesRocky(story, "sharedblock-host2");
    await story.says(login);
    const plan = await story.shows(`Log cluster-1 in to ${shared}`, "systemctl enable -- iscsi-starter.service");
    expect(textIn(plan)).toContain("systemctl enable -- open-iscsi.service");
    await story.clicks("Confirm");
    await story.shows(`Log cluster-1 in to ${shared}: done`);
    const shown = await byHand(story, "sharedblock-host2", [
      "systemctl",
      "show",
      "--property=UnitFileState",
      "--",
      "iscsi.service",
      "iscsi-starter.service",
    ]);
    expect(shown).toBe("UnitFileState=indirect\n\nUnitFileState=enabled\n");
    await story.says(login);
    const again = await story.shows("nothing, all is there");
    expect(textIn(again)).not.toContain("systemctl enable");
  });

  it("not by a name that another host of the cluster has, though only one logs in", async () => {
    const file = "/etc/iscsi/initiatorname.iscsi";
    const name = await byHand(story, "sharedblock-host1", ["cat", file]);
    await byHand(story, "sharedblock-host3", ["tee", "--", file], name);
    await story.says(login.replace("cluster-1", "sharedblock-host3"));
    await story.shows("Refused", /sharedblock-host3 and sharedblock-host1 have the same initiator name iqn\.1993-08/);
  });

  it("fails at a portal that does not answer, and says what to type", { timeout: LIMIT_MS }, async () => {
    story.san.array.portalAnswers(second, false);
    await story.says(login);
    await story.clicks("Confirm");
    await story.shows(": failed", "Not done", `--portal=${second}:3260 --login`, "connection timed out", login);
    story.san.array.portalAnswers(second, true);
    await story.says(login);
    await story.clicks("Confirm");
    await story.shows(": done");
    expect(await logins(story)).toHaveLength(6);
  });

  it("shows a session whose portal was cut off", { timeout: LIMIT_MS }, async () => {
    await loggedIn(story);
    story.san.array.portalAnswers(first, false);
    await story.says("/zstack iscsi list");
    await story.shows("6 iSCSI sessions of all hosts", "TRANSPORT WAIT, FAILED", "logged in");
    await story.says("/zstack multipath status cluster-1");
    await story.shows(/degraded sharedblock-host1 \S+ 36001405a7c3b1f6d5e84d3a9c1f0b2e7 1\/2/);
  });
});

describe("hosts log out", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await loggedIn(story);
  }, LIMIT_MS);
  afterEach(() => story.ends());

  it("and neither map, disk nor record is left", { timeout: LIMIT_MS }, async () => {
    await story.says(logout);
    await story.shows(`Log cluster-1 out of ${shared}`, luns.shared, "log out, delete the record", "multipath -f");
    await story.clicks("Confirm");
    await story.shows(": done");
    await story.says("/zstack iscsi list cluster-1");
    await story.shows("0 iSCSI sessions");
    await story.says("/zstack lun list cluster-1");
    expect(textIn(await story.shows(/LUNs on 3 hosts/))).not.toContain(luns.shared);
    expect(story.san.file("sharedblock-host1", `/etc/iscsi/nodes/${shared}/${first},3260`)).toBeNull();
  });

  it("at one portal, and the map keeps its other path", { timeout: LIMIT_MS }, async () => {
    await story.says(`${logout} portal=${second}`);
    const plan = await story.shows(`Log cluster-1 out of ${shared}`, `${second}:3260`);
    expect(textIn(plan)).not.toContain("multipath -f");
    await story.clicks("Confirm");
    await story.shows(": done");
    await story.says("/zstack lun list cluster-1");
    await story.shows(/LUNs on 3 hosts/, new RegExp(`${luns.shared}[^\\n]*mpath\\w 1/1`));
  });

  it("not when it came into use after the plan was shown", { timeout: LIMIT_MS }, async () => {
    await story.says(logout);
    await story.shows(`Log cluster-1 out of ${shared}`);
    story.san.array.mount(luns.shared, "sharedblock-host2", "/mnt/data");
    await story.clicks("Confirm");
    await story.shows(": refused", "is mounted on sharedblock-host2 at /mnt/data");
    expect((await story.hosts.changes()).filter((line) => /multipath -f|--logout/.test(line))).toEqual([]);
  });

  it("not while it is a physical volume of a group, and the group is named", async () => {
    const sizes = { sizeBytes: 1024 ** 4, dataStartBytes: 1024 ** 2 };
    story.san.array.write(luns.shared, physicalVolume(lvmUuid("second"), sizes, lvmUuid("vg_archive")));
    await story.says(logout);
    await story.shows("Refused", `${luns.shared} is a physical volume of volume group vg_archive`);
  });

  it("not while it is a shared block", { timeout: LIMIT_MS }, async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.shared} name=ps-1`);
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
    await story.says(logout);
    await story.shows("Refused", `${luns.shared} is a shared block of ps-1`, "held on sharedblock-host1 by");
  });

  it("not where a host can't be read", async () => {
    await story.hosts.fault("sharedblock-host3", { kind: "down" });
    await story.says(logout);
    await story.shows("Refused", "sharedblock-host3 can't be read whole");
  });
});

itAtLength(
  "a host leaves one portal, and its map keeps the other path; where the LUN is mounted it leaves none",
  { timeout: patient(LIMIT_MS) },
  async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const { iqn, portals, lun } = await iscsiOf(story, HOST3);
    await story.hosts.mounts(lun, HOST2, "/mnt/data");
    await story.says(`/zstack iscsi logout cluster-1 target=${iqn}`);
    await story.shows("Refused", `${lun} is mounted on ${HOST2} at /mnt/data`);

    await story.says(`/zstack iscsi logout ${HOST3} target=${iqn} portal=${portals[1]}`);
    const plan = await story.shows(`Log ${HOST3} out of ${iqn}`, `${portals[1]}`);
    expect(textIn(plan)).not.toContain("multipath -f");
    await story.clicks("Confirm");
    await story.shows(`Log ${HOST3} out of ${iqn}: done`);
    await story.says(`/zstack iscsi list ${HOST3}`);
    await story.shows(`${portals.length - 1} iSCSI session`);
    await story.says(`/zstack multipath status ${HOST3}`);
    await story.shows(new RegExp(`${lun} .*${portals.length - 1}/${portals.length - 1}`));
  },
);

describe("Fibre Channel", () => {
  it("shows each port with its WWPN and its link", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.says("/zstack fc list cluster-1");
    await story.shows(
      "3 Fibre Channel ports of cluster-1, 3 without a link",
      /sharedblock-host1 host2 21:00:00:24:ff:(?:[0-9a-f]{2}:){2}[0-9a-f]{2} Linkdown none QLE2692/,
    );
  });
});
