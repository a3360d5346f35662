import { afterEach, beforeEach, describe, expect } from "vitest";
import type { SimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { luns as iscsiLuns, loggedIn, shared } from "./iscsi-words.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { ending, itSimulated as it, luns, patient } from "./target.ts";
import { HOST1, HOST2 } from "./two-clusters.ts";
import { byFile, ofPool, passthrough } from "./vm-devices.ts";

const LIMIT = { timeout: patient(60_000) };
const WWID = luns.orphan;
const add = `/zstack sharedblock add cluster-1 wwid=${WWID} name=ps-1 wipe=true`;
const writes = async (story: Story) =>
  (await story.hosts.changes()).filter((line) => /: (wipefs --all -- |vgcreate )/.test(line));

/** The address of a path on host 2. */
const hctlOn = ({ array }: SimulatedHosts): string => array.hctls(WWID, HOST2)[0] ?? expect.fail("it has no path");
const pool = (type: string, source: string, path = "/dev/disk/by-path") =>
  `<pool type='${type}'><name>p</name><source>${source}</source><target><path>${path}</path></target></pool>\n`;
const NUMBER = "3";
const mapOn = ({ array }: SimulatedHosts): string => array.mapName(WWID, HOST2);

/** Devices of a VM that is off, which only its definition shows. */
const offVms: readonly (readonly [what: string, happens: (san: SimulatedHosts) => void, ...says: string[]])[] = [
  [
    "SCSI passthrough",
    (san) => san.users.vmWith(HOST2, { name: "vm-off", devices: [passthrough(hctlOn(san))] }),
    `in use on ${HOST2} by VM vm-off (host device 0:0:`,
    "it is off)",
    "detach the disk from VM vm-off, then send the command again",
  ],
  [
    "SCSI passthrough of a path that is not there now",
    (san) => san.users.vmWith(HOST2, { name: "vm-off", devices: [passthrough(`7:0:0:${NUMBER}`)] }),
    `may be in use on ${HOST2} by VM vm-off (host device 7:0:0:${NUMBER}; it is off): the host has no disk at 7:0:0:3`,
    "detach that disk from the VM first",
  ],
  [
    "a file that is a device",
    (san) => san.users.vmWith(HOST2, { name: "vm-off", devices: [byFile(`/dev/mapper/${mapOn(san)}`)] }),
    "by VM vm-off (disk vdb; it is off)",
    "detach the disk from VM vm-off, then send the command again",
  ],
  [
    "a backing file",
    (san) => {
      const chain = `<disk type='file' device='disk'>
      <source file='/var/lib/libvirt/images/snap.qcow2'/>
      <backingStore type='block'><format type='raw'/><source dev='/dev/mapper/${mapOn(san)}'/></backingStore>
      <target dev='vdb' bus='virtio'/>
    </disk>`;
      san.users.vmWith(HOST2, { name: "vm-off", devices: [chain] });
    },
    "by VM vm-off (disk vdb; it is off)",
    "detach the disk from VM vm-off, then send the command again",
  ],
  [
    "an argument of QEMU",
    (san) =>
      san.users.vmWith(HOST2, { name: "vm-off", qemuArguments: ["-drive", `file=/dev/mapper/${mapOn(san)},if=none`] }),
    "by VM vm-off (qemu:commandline; it is off)",
  ],
  [
    "a file system of a container",
    (san) =>
      san.users.vmWith(HOST2, {
        name: "vm-off",
        devices: [`<filesystem type='block'><source dev='/dev/mapper/${mapOn(san)}'/><target dir='/'/></filesystem>`],
      }),
    "by VM vm-off (filesystem; it is off)",
  ],
  [
    "a link outside of /dev",
    (san) => {
      san.users.link(HOST2, "/var/lib/libvirt/images/db.img", `/dev/mapper/${mapOn(san)}`);
      san.users.vmWith(HOST2, { name: "vm-off", devices: [byFile("/var/lib/libvirt/images/db.img")] });
    },
    "by VM vm-off (disk vdb; it is off)",
    "detach the disk from VM vm-off, then send the command again",
  ],
  [
    "a volume of a pool that runs",
    (san) => {
      const xml = pool("mpath", "", "/dev/mapper");
      san.users.pool(HOST2, { name: "p", runs: true, xml, volumes: { "dm-9": `/dev/mapper/${mapOn(san)}` } });
      san.users.vmWith(HOST2, { name: "vm-off", devices: [ofPool("p", "dm-9")] });
    },
    "by VM vm-off (disk vdb; it is off)",
    "detach the disk from VM vm-off, then send the command again",
  ],
  [
    "a volume of a SCSI pool that does not run",
    (san) => {
      const [host, ...unit] = hctlOn(san).split(":");
      const xml = pool("scsi", `<adapter type='scsi_host' name='scsi_host${host}'/>`);
      san.users.pool(HOST2, { name: "p", runs: false, xml, volumes: {} });
      san.users.vmWith(HOST2, { name: "vm-off", devices: [ofPool("p", `unit:${unit.join(":")}`)] });
    },
    "by VM vm-off (disk vdb; it is off)",
    "detach the disk from VM vm-off, then send the command again",
  ],
  [
    "a volume that only an inactive pool could show",
    (san) => {
      const xml = pool("scsi", "<adapter type='fc_host' wwnn='20000000c9831b4b' wwpn='10000000c9831b4b'/>");
      san.users.pool(HOST2, { name: "p", runs: false, xml, volumes: {} });
      san.users.vmWith(HOST2, { name: "vm-off", devices: [ofPool("p", "unit:0:0:9")] });
    },
    `may be in use on ${HOST2} by VM vm-off (disk vdb; it is off): it is volume unit:0:0:9 of storage pool p, which does not`,
    "start that pool (virsh pool-start), or detach the disk from the VM",
  ],
  [
    "a volume of a pool that is not defined",
    (san) => san.users.vmWith(HOST2, { name: "vm-off", devices: [ofPool("p", "v")] }),
    `may be in use on ${HOST2} by VM vm-off (disk vdb; it is off): it is volume v of storage pool p, which libvirt does not`,
    "define that pool, or detach the disk from the VM",
  ],
  [
    "the state with which it was saved to disk",
    (san) => san.users.vmWith(HOST2, { name: "vm-off", savedDevices: [passthrough(hctlOn(san))] }),
    `in use on ${HOST2} by VM vm-off (host device 0:0:`,
  ],
  [
    "a definition that is not well-formed",
    (san) => san.users.vmWith(HOST2, { name: "vm-off", devices: ["<disk>"] }),
    `${HOST2} can't report who uses ${WWID}: the definition of VM vm-off is not understood`,
    "virsh dumpxml shows it",
  ],
];
/** None of them uses the LUN. */
const unrelatedDisks: readonly string[] = [
  passthrough("7:0:0:99"),
  passthrough("1:0:0:0"),
  byFile("/var/lib/libvirt/images/a.qcow2"),
  byFile("/dev/mapper/vg-lv"),
  `<disk type='network' device='disk'>
      <source protocol='iscsi' name='iqn.2026-11.elsewhere:a/99'><host name='10.9.9.9' port='3260'/></source>
      <target dev='vdc' bus='virtio'/>
    </disk>`,
  ofPool("files", "a.qcow2"),
  "<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.50014057667280d8'/></hostdev>",
];

describe("sharedblock add: a LUN of a VM that is off", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it.for(rowsOf(offVms))("is not added: the VM has it by %s", LIMIT, async ([, happens, ...says]) => {
    happens(story.san);
    await story.says(add);
    await story.shows("Nothing was changed", ...says, `lun show cluster-1 ${WWID}`);
    await story.says(`/zstack lun show cluster-1 ${WWID}`);
    await story.shows(`LUN ${WWID}`, ...says);
    expect(await writes(story)).toEqual([]);
  });

  it("is not added: the VM logs in to it by itself", LIMIT, async () => {
    await loggedIn(story);
    const lun = iscsiLuns.shared;
    const source = (name: string) =>
      `<disk type='network' device='lun'><source protocol='iscsi' name='${name}'><host name='172.20.14.11' port='3260'/></source><target dev='sdb' bus='scsi'/></disk>`;
    const addIt = `/zstack sharedblock add cluster-1 wwid=${lun} name=ps-1 wipe=true`;
    story.san.users.vmWith(HOST2, { name: "vm-off", devices: [source(`${shared}/1`)] });
    await story.says(addIt);
    await story.shows(
      "Nothing was changed",
      `${lun} is in use on ${HOST2} by VM vm-off (disk sdb; it is off)`,
      "detach the disk from VM vm-off, then send the command again",
    );
    story.san.users.removeVm(HOST2, "vm-off");
    const xml = pool("iscsi", `<host name='172.20.14.11'/><device path='${shared}'/>`);
    story.san.users.pool(HOST2, { name: "p", runs: false, xml, volumes: {} });
    story.san.users.vmWith(HOST2, { name: "vm-pool", devices: [ofPool("p", "unit:0:0:1")] });
    await story.says(addIt);
    await story.shows(
      "Nothing was changed",
      `${lun} is in use on ${HOST2} by VM vm-pool (disk vdb; it is off)`,
      "detach the disk from VM vm-pool, then send the command again",
    );
    story.san.users.removeVm(HOST2, "vm-pool");
    story.san.users.vmWith(HOST2, { name: "vm-other", devices: [source(`${shared}/2`)] });
    await story.says(addIt);
    await story.shows("Add ps-1 to cluster-1", lun, "Every host reads zeros");
  });

  it("is added next to VMs with other disks", LIMIT, async () => {
    const xml = pool("dir", "", "/var/lib/libvirt/images");
    story.san.users.pool(HOST2, { name: "files", runs: false, xml, volumes: {} });
    story.san.users.vmWith(HOST2, { name: "vm-other", devices: unrelatedDisks });
    await story.says(add);
    await story.confirms(ending(WWID));
    await story.shows("Add ps-1 to cluster-1: done");
  });

  it("is not wiped if a VM with it is defined between click and wipe", LIMIT, async () => {
    await story.says(add);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "slow", ms: 500 });
    expect(await story.sends(ending(WWID))).toEqual({});
    await story.begins("mkdir -p -m 0700");
    await story.hosts.fault(HOST2, { kind: "slow", ms: 3_000 });
    await story.begins("wipefs --all -- ");
    story.san.users.vmWith(HOST2, { name: "vm-new", devices: [passthrough(hctlOn(story.san))] });
    await story.shows("Add ps-1 to cluster-1: refused", `${HOST2} by VM vm-new (host device 0:0:`);
    expect(await writes(story)).toEqual([]);
  });

  it("is added with 200 VMs on a host, and refused because of the last one that has it", LIMIT, async () => {
    for (let vm = 0; vm < 200; vm += 1) {
      story.san.users.vmWith(HOST2, {
        name: `vm-${vm}`,
        devices: [byFile(`/dev/mapper/vg-lv${vm}`)],
        runs: vm % 2 > 0,
      });
    }
    story.san.users.vmWith(HOST2, { name: "vm-last", devices: [passthrough(hctlOn(story.san))] });
    await story.says(add);
    await story.shows("Nothing was changed", `in use on ${HOST2} by VM vm-last (host device 0:0:`);
    story.san.users.removeVm(HOST2, "vm-last");
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1", "is lost");
  });
});
