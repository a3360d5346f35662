import { afterEach, beforeEach, describe, expect } from "vitest";
import type { SimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { luns as iscsiLuns, loggedIn } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { ending, itSimulated as it, itAtLength, itInFull, luns, patient, target } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, hasTwoClusters } from "./two-clusters.ts";
import { byFile, passthrough } from "./vm-devices.ts";

/** The lab runs the last ones: its guests have libvirt and bcache, but no DRBD and no target of their own. */

const LIMIT = { timeout: patient(60_000) };
const WWID = luns.orphan;
const add = `/zstack sharedblock add cluster-1 wwid=${WWID} name=ps-1 wipe=true`;
const written = async (story: Story) =>
  (await story.hosts.changes()).filter((line) =>
    /: (wipefs --all -- |vgcreate |vgextend |pvremove |dd if=\/var)/.test(line),
  );

/** What happens on host 2, and how the refusal names it. */
const uses: readonly (readonly [what: string, happens: (san: SimulatedHosts) => void, ...says: string[]])[] = [
  [
    "a VM's raw disk, by its WWID",
    ({ users }) => users.vm(HOST2, WWID, { name: "vm-db" }),
    `in use on ${HOST2} by VM vm-db (disk sda)`,
    "detach the disk from VM vm-db, then send the command again",
  ],
  [
    "a VM's raw disk, by the name of its map",
    (san) => san.users.vm(HOST2, WWID, { name: "vm-db", source: `/dev/mapper/${mapOn(san)}`, target: "vdb" }),
    "by VM vm-db (disk vdb)",
  ],
  [
    "a VM that is off",
    ({ users }) => users.vm(HOST2, WWID, { name: "vm-off", source: `/dev/disk/by-id/scsi-${WWID}`, runs: false }),
    "by VM vm-off (disk sda; it is off)",
  ],
  [
    "a VM that gets it when it is started again",
    ({ users }) =>
      users.vm(HOST2, WWID, { name: "vm-later", source: `/dev/disk/by-id/wwn-0x${WWID.slice(1)}`, later: true }),
    "by VM vm-later (disk sda)",
  ],
  ["bcache", ({ users }) => users.stack(HOST2, WWID, "bcache0"), `in use on ${HOST2} by bcache0`],
  ["DRBD", ({ users }) => users.stack(HOST2, WWID, "drbd1"), `in use on ${HOST2} by drbd1`],
  ["a holder of size 0", ({ users }) => users.stack(HOST2, WWID, "md127", "raid1", 0), `in use on ${HOST2} by md127`],
  ["LIO", ({ users }) => users.export(HOST2, WWID), `in use on ${HOST2} by export LIO:iblock_0/`, "remove the export"],
  ["tgtd", ({ users }) => users.open(HOST2, WWID, "tgtd"), `in use on ${HOST2} by tgtd (PID 800)`, "lsof /dev/mapper/"],
  [
    "a container's program, which has a name of its own for it",
    ({ users }) => users.open(HOST2, WWID, "postgres", "/dev/data"),
    `in use on ${HOST2} by postgres (PID 800)`,
  ],
  ["a loop device", ({ users }) => users.loop(HOST2, WWID), `in use on ${HOST2} by loop device /dev/loop0`],
  [
    "a guest's passthrough",
    ({ users }) => users.openGeneric(HOST2, WWID, "qemu-kvm"),
    `in use on ${HOST2} by qemu-kvm (PID 800)`,
  ],
  [
    "an exclusive user that no tool names",
    ({ users }) => users.openUnseen(HOST2, WWID),
    `is open 1 × on ${HOST2} by an unknown user`,
  ],
];

/** The address of a path on host 2. */
const hctlOn = ({ array }: SimulatedHosts): string => array.hctls(WWID, HOST2)[0] ?? expect.fail("it has no path");
const NUMBER = "3";

const mapOn = ({ array }: SimulatedHosts): string => array.mapName(WWID, HOST2);

describe("sharedblock add: a LUN in use without LVM and without a mount", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it.for(rowsOf(uses))("is not added: %s", LIMIT, async ([, happens, ...says]) => {
    happens(story.san);
    await story.says(add);
    await story.shows("Nothing was changed", ...says, `lun show cluster-1 ${WWID}`);
    await story.says(`/zstack lun show cluster-1 ${WWID}`);
    await story.shows(`LUN ${WWID}`, ...says);
    expect(await written(story)).toEqual([]);
  });

  itInFull("is not added where libvirt is there and does not answer", LIMIT, async () => {
    const stderr = "error: failed to connect to the hypervisor\n";
    await story.hosts.fault(HOST2, { kind: "fails", program: "virsh", exitCode: 1, stderr });
    await story.says(add);
    await story.shows(
      "Nothing was changed",
      `${HOST2} can't report who uses ${WWID}`,
      "failed to connect to the hypervisor",
    );
  });

  it("is added if a host has no libvirt", LIMIT, async () => {
    await story.hosts.fault(HOST2, { kind: "lacks", program: "virsh" });
    await story.says(add);
    await story.confirms(ending(WWID));
    await story.shows("Add ps-1 to cluster-1: done");
  });

  it("is not added, nor its plan run, if a VM takes it between plan and click", LIMIT, async () => {
    await story.says(add);
    await story.clicks("Confirm");
    story.san.users.vm(HOST3, WWID, { name: "vm-new" });
    await story.sends(ending(WWID));
    await story.shows("by VM vm-new (disk sda)");
    expect(await written(story)).toEqual([]);
  });

  it("is not wiped if a VM takes it between click and wipe", LIMIT, async () => {
    await story.says(add);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "slow", ms: 500 });
    expect(await story.sends(ending(WWID))).toEqual({});
    await story.begins("mkdir -p -m 0700");
    // The guards of all hosts are read at the same time. The VM appears before its own host has answered.
    await story.hosts.fault(HOST3, { kind: "slow", ms: 3_000 });
    await story.begins("wipefs --all -- ");
    story.san.users.vm(HOST3, WWID, { name: "vm-new" });
    await story.shows("Add ps-1 to cluster-1: refused", `${HOST3} by VM vm-new (disk sda)`);
    expect(await written(story)).toEqual([]);
  });

  it("is not considered in use if a program only probed it", LIMIT, async () => {
    story.san.users.open(HOST2, WWID, "blkid");
    setTimeout(() => story.san.users.close(HOST2, WWID), 300);
    await story.says(add);
    await story.confirms(ending(WWID));
    await story.shows("Add ps-1 to cluster-1: done");
  });

  it("is shown with its user in the list", LIMIT, async () => {
    story.san.users.vm(HOST2, WWID, { name: "vm-db" });
    story.san.users.stack(HOST3, luns.blank, "bcache0");
    await story.says("/zstack lun list cluster-1");
    await story.shows("LUNs on 3 hosts", `in use on ${HOST2} by VM vm-db (disk sda)`, `in use on ${HOST3} by bcache0`);
  });

  it("is not added if a host of another cluster uses it", LIMIT, async () => {
    await hasTwoClusters(story);
    story.san.users.vm(HOST3, WWID, { name: "vm-db" });
    await story.says(add);
    await story.shows("Nothing was changed", `in use on ${HOST3} by VM vm-db`);
    story.san.users.removeVm(HOST3, "vm-db");
    const stderr = "error: failed to connect to the hypervisor\n";
    await story.hosts.fault(HOST3, { kind: "fails", program: "virsh", exitCode: 1, stderr });
    await story.says(add);
    await story.shows("Nothing was changed", `${HOST3} can't report who uses ${WWID}`);
  });

  it("shows every opener, also the volumes of its own storage", LIMIT, async () => {
    await addsStorage(story);
    story.san.users.vm(HOST2, luns.blank, { name: "vm-db" });
    story.san.users.openUnseen(HOST2, luns.blank);
    await story.says(`/zstack lun show cluster-1 ${luns.blank}`);
    await story.shows(
      `LUN ${luns.blank}`,
      new RegExp(`${HOST2} map open 3 ×: device \\w+-lvmlock, VM vm-db \\(disk sda\\), 1 × not explained`),
      new RegExp(`${HOST3} map open 1 ×: device \\w+-lvmlock`),
    );
  });

  itInFull("does not extend a storage", LIMIT, async () => {
    await addsStorage(story);
    const before = (await written(story)).length;
    story.san.users.stack(HOST2, WWID, "bcache0");
    await story.says(`/zstack sharedblock extend ps-1 wwid=${WWID} wipe=true`);
    await story.shows("Nothing was changed", `in use on ${HOST2} by bcache0`);
    story.san.users.stack(HOST3, WWID, "bcache1");
    story.san.users.vmWith(HOST3, { name: "vm-off", devices: [passthrough(`7:0:0:${NUMBER}`)] });
    await story.says(`/zstack sharedblock extend ps-1 wwid=${WWID} wipe=true`);
    await story.shows("Nothing was changed", `may be in use on ${HOST3} by VM vm-off (host device 7:0:0:3; it is off)`);
    expect(await written(story)).toHaveLength(before);
  });

  it("keeps its storage from being deleted, and its own volumes do not", LIMIT, async () => {
    await addsStorage(story);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    story.san.users.vm(HOST2, luns.blank, { name: "vm-db" });
    await story.says("/zstack sharedblock delete ps-1");
    await story.shows("Nothing was changed", `${luns.blank} is in use on ${HOST2} by VM vm-db`);
    story.san.users.removeVm(HOST2, "vm-db");
    story.san.users.vmWith(HOST2, { name: "vm-db", devices: [byFile(`/dev/disk/by-id/wwn-0x${luns.blank.slice(1)}`)] });
    await story.says("/zstack sharedblock delete ps-1");
    await story.shows("Nothing was changed", `${luns.blank} is in use on ${HOST2} by VM vm-db (disk vdb; it is off)`);
    story.san.users.removeVm(HOST2, "vm-db");
    await story.says("/zstack sharedblock delete ps-1");
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
  });

  it("is not rescued", LIMIT, async () => {
    await story.says(add);
    await story.clicks("Confirm");
    const fails = { kind: "fails", program: "vgcreate", exitCode: 5, stderr: "I/O error" } as const;
    await story.hosts.fault(HOST1, fails);
    await story.sends(ending(WWID));
    await story.shows("Add ps-1 to cluster-1: failed");
    await story.hosts.heal(HOST1);
    const before = (await written(story)).length;
    story.san.users.vm(HOST3, WWID, { name: "vm-db" });
    await story.says(`/zstack lun rescue ${WWID}`);
    await story.shows("Nothing was changed", `in use on ${HOST3} by VM vm-db`);
    story.san.users.removeVm(HOST3, "vm-db");
    story.san.users.vmWith(HOST3, { name: "vm-off", devices: [passthrough(`7:0:0:${NUMBER}`)] });
    await story.says(`/zstack lun rescue ${WWID}`);
    await story.shows("Nothing was changed", `may be in use on ${HOST3} by VM vm-off (host device 7:0:0:3; it is off)`);
    expect(await written(story)).toHaveLength(before);
  });

  itInFull("is not forgotten", LIMIT, async () => {
    await story.hosts.unmaps(WWID, HOST2);
    story.san.users.vm(HOST2, WWID, { name: "vm-db" });
    await story.says(`/zstack lun forget cluster-1 ${WWID}`);
    await story.shows("Nothing was changed", `in use on ${HOST2} by VM vm-db`);
    story.san.users.removeVm(HOST2, "vm-db");
    story.san.users.vmWith(HOST2, { name: "vm-off", devices: [passthrough(hctlOn(story.san))] });
    await story.says(`/zstack lun forget cluster-1 ${WWID}`);
    await story.shows("Nothing was changed", `in use on ${HOST2} by VM vm-off (host device 0:0:`);
  });
});

describe("sharedblock add: simulated and real hosts report the same users", { timeout: patient(120_000) }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, patient(60_000));
  afterEach(() => story.ends(), patient(60_000));

  itAtLength("that a LUN is a VM's raw disk, running or only defined, and that it is free again", async () => {
    await story.hosts.givesLunToVm(WWID, HOST2, { name: "vm-raw", runs: true });
    await story.says(add);
    await story.shows("Nothing was changed", `${WWID} is in use on ${HOST2} by VM vm-raw (disk sda)`);
    await story.hosts.takesVmAway(HOST2, "vm-raw");
    await story.hosts.givesLunToVm(WWID, HOST2, { name: "vm-off", runs: false });
    await story.says(add);
    await story.shows("Nothing was changed", `${WWID} is in use on ${HOST2} by VM vm-off (disk sda; it is off)`);
    await story.hosts.takesVmAway(HOST2, "vm-off");
    await story.hosts.passesLunThrough(WWID, HOST2, "vm-pass");
    await story.says(add);
    await story.shows(
      "Nothing was changed",
      new RegExp(`in use on ${HOST2} by VM vm-pass \\(host device \\d+:0:0:\\d+; it is off\\)`),
    );
    await story.hosts.takesVmAway(HOST2, "vm-pass");
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1", "is lost");
  });

  itAtLength("that a program has a LUN open, though it opened it for reading and not exclusively", async () => {
    await story.hosts.opensLun(WWID, HOST3);
    await story.says(`/zstack lun show cluster-1 ${WWID}`);
    await story.shows(`LUN ${WWID}`, new RegExp(`in use on ${HOST3} by sleep \\(PID \\d+\\)`));
    await story.says(add);
    await story.shows("Nothing was changed", `${WWID} is in use on ${HOST3} by sleep`);
    await story.hosts.closesLun(WWID, HOST3);
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1", "is lost");
  });

  itAtLength("that bcache is on a LUN", async () => {
    await story.hosts.stacksBcache(WWID, HOST2);
    await story.says(`/zstack lun show cluster-1 ${WWID}`);
    await story.shows(`LUN ${WWID}`, `in use on ${HOST2} by bcache0`);
    await story.says(add);
    await story.shows("Nothing was changed", `${WWID} is in use on ${HOST2} by bcache0`);
    expect(await written(story)).toEqual([]);
  });

  itAtLength("that a path works outside its map, and that it is back in it", async () => {
    await story.hosts.leavesPathOutOfMap(WWID, HOST2);
    await story.says(`/zstack multipath status ${HOST2}`);
    const row = new RegExp(`LUN …${WWID.slice(-6)}: degraded, .*${HOST2}: .*sd[a-z]+ outside the map`);
    expect(textIn(await story.shows(`Multipath of ${HOST2}`, WWID))).toMatch(row);
    await story.says(add);
    await story.shows(
      "Nothing was changed",
      new RegExp(`${HOST2} sees ${WWID} also as sd[a-z]+, outside its multipath map`),
    );
    await story.hosts.assemblesMaps(HOST2);
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1", "is lost");
  });

  itAtLength("that two targets serve two LUNs with one WWID", async () => {
    if (target === "simulated") await loggedIn(story);
    const wwid = target === "simulated" ? iscsiLuns.shared : luns.blank;
    await story.hosts.joinsTwin(wwid, HOST2);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${wwid} name=ps-1 wipe=true`);
    await story.shows("Nothing was changed", `paths of ${wwid} lead to 2 targets`, ":twin", "two LUNs with one WWID");
    await story.says(`/zstack lun show cluster-1 ${wwid}`);
    await story.shows(`LUN ${wwid}`, "lead to 2 targets");
  });
});
