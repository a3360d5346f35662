import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HostCommand, inOlderForm, OutputNotUnderstood } from "../../src/core/host-command.ts";
import { listBlockDevices, listDiskIds } from "../../src/host/block-device.ts";
import { makeDirectory, readTextFile, writeTextFile } from "../../src/host/file.ts";
import { listLockspaces, startLockspace } from "../../src/host/lockspace.ts";
import { createSharedVolumeGroup, listPhysicalVolumes, listVolumeGroups, readLvmSettings } from "../../src/host/lvm.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { readHostname, readOsRelease } from "../../src/host/os-release.ts";
import { packageOf } from "../../src/host/packages.ts";
import { listScsiDevices, listScsiHosts, rescanScsiHosts } from "../../src/host/scsi.ts";
import {
  backUpFirstMebibyte,
  backUpFrom,
  backUpSignatures,
  canBackUpSignatures,
  listSignatures,
  readBlankness,
  wipeSignatures,
} from "../../src/host/signatures.ts";
import { enableUnits, readUnits } from "../../src/host/systemd.ts";
import { settleDevices } from "../../src/host/udev.ts";

const DEVICE = "/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a";
const READS: readonly HostCommand<unknown>[] = [
  canBackUpSignatures,
  listBlockDevices,
  listDiskIds,
  listLockspaces,
  listMultipathMaps,
  listPhysicalVolumes,
  listScsiDevices,
  listScsiHosts,
  listSignatures(DEVICE),
  listVolumeGroups,
  readBlankness(DEVICE),
  readHostname,
  readLvmSettings,
  readOsRelease,
  readTextFile("/etc/x"),
  readUnits(["a.service"]),
];
const OLDER = READS.flatMap((command) => inOlderForm(command) ?? []);
const CHANGES: readonly HostCommand<unknown>[] = [
  backUpFirstMebibyte(DEVICE, "/root/b"),
  backUpFrom(1048576, DEVICE, "/root/b"),
  backUpSignatures(DEVICE, "/root/b"),
  enableUnits(["sanlock.service"]),
  makeDirectory("/root/b", "0700"),
  rescanScsiHosts(["host0", "host10"]),
  settleDevices,
  startLockspace("7c9e"),
  writeTextFile("/etc/x", "text\n"),
];
const DESTROYING: readonly HostCommand<unknown>[] = [
  createSharedVolumeGroup({ name: "7c9e", tag: "zs::t", metadataSizeMiB: 2048, devices: [DEVICE] }),
  wipeSignatures(DEVICE),
];
const ALL = [...READS, ...CHANGES, ...DESTROYING];

describe("host commands", () => {
  it("say what they do to a host", () => {
    expect(READS.map((command) => command.effect)).toEqual(READS.map(() => "read"));
    expect(CHANGES.map((command) => command.effect)).toEqual(CHANGES.map(() => "change"));
    expect(DESTROYING.map((command) => command.effect)).toEqual(DESTROYING.map(() => "destroy"));
  });

  it("are these argument lists", () => {
    expect([...CHANGES, ...DESTROYING].map(({ argv }) => argv.join(" "))).toMatchInlineSnapshot(`
      [
        "dd if=/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a of=/root/b/first-mib.bin bs=1M count=1 conv=fsync status=none",
        "dd if=/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a of=/root/b/byte-1048576.bin bs=4096 count=1 iflag=skip_bytes skip=1048576 conv=fsync status=none",
        "env HOME=/root/b wipefs --all --no-act --backup -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "systemctl enable --now -- sanlock.service",
        "mkdir -p -m 0700 -- /root/b",
        "tee -- /sys/class/scsi_host/host0/scan /sys/class/scsi_host/host10/scan",
        "udevadm settle --timeout=30",
        "vgchange --lockstart -- 7c9e",
        "tee -- /etc/x",
        "vgcreate --shared --addtag zs::t --metadatasize 2048m 7c9e /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "wipefs --all -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
      ]
    `);
    expect(OLDER.map(({ argv }) => argv.join(" "))).toMatchInlineSnapshot(`
      [
        "lsblk -P -b -o NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN,PKNAME,SERIAL",
        "wipefs --parsable -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
      ]
    `);
    expect(listSignatures(DEVICE).argv.at(-1)).toBe(DEVICE);
    expect(rescanScsiHosts(["host0"]).stdin).toBe("- - -\n");
    expect(writeTextFile("/etc/x", "text\n").stdin).toBe("text\n");
  });

  it("never force or answer yes for the operator", () => {
    for (const { argv } of ALL) expect(argv.filter((word) => /^(-[a-z]*[fy]|--force|--yes)$/.test(word))).toEqual([]);
  });

  it("end in a time an operator would wait, and understand success", () => {
    for (const command of READS) expect(command.timeoutMs).toBeLessThanOrEqual(20_000);
    for (const command of ALL) expect(command.exitCodes).toContain(0);
  });

  it("have a package for every program", () => {
    const programs = ALL.map(({ argv }) => argv[0]);
    expect(programs.filter((program) => packageOf(program) === null)).toEqual([]);
    expect(packageOf("nosuch")).toBeNull();
  });

  it("scan nothing that is not a SCSI host", () => {
    expect(() => rescanScsiHosts(["host0", "../../block/sda/device/delete"])).toThrow(OutputNotUnderstood);
  });
});

describe("parsing what no program prints", () => {
  const word = fc.constantFrom(
    ...[
      "{",
      "}",
      "[",
      "]",
      '"',
      ",",
      '"report"',
      '"blockdevices": [',
      '"signatures":',
      "null",
      "dm-2",
      " (",
      ")",
      "\\_ ",
    ],
    ...[
      "size=",
      "`- ",
      "|-+- ",
      "1:0:0:1",
      "8:16",
      "VG ",
      "lock_type=",
      "[0:0:0:3]",
      "/dev/sda",
      "->",
      "=",
      "ID=",
      "\n",
    ],
    ...[
      "\r\n",
      " ",
      "  ",
      "differ: byte ",
      "No such file or directory",
      "host0",
      "connect",
      "Id=",
      "\\x2",
      "\\x41",
      'NAME="a"',
      ' PKNAME="a"',
      "0x1,",
    ],
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.array(word).map((words) => words.join("")),
  );

  it("throws nothing but OutputNotUnderstood", () => {
    for (const command of [...READS, ...OLDER]) {
      const output = fc.record({ stdout: text, stderr: text, exitCode: fc.constantFrom(...command.exitCodes) });
      fc.assert(
        fc.property(output, (printed) => {
          try {
            command.parse(printed);
          } catch (error) {
            expect(error, command.argv.join(" ")).toBeInstanceOf(OutputNotUnderstood);
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  it("throws nothing but OutputNotUnderstood on JSON of any shape", () => {
    for (const command of [listBlockDevices, listVolumeGroups, listPhysicalVolumes, listSignatures(DEVICE)]) {
      const inside = fc.json({ maxDepth: 3 });
      const report = fc.oneof(
        inside,
        inside.map((json) => `{"report": [{"vg": [${json}], "pv": [${json}]}]}`),
        inside.map((json) => `{"blockdevices": [${json}], "signatures": [${json}]}`),
      );
      fc.assert(
        fc.property(report, (stdout) => {
          try {
            command.parse({ stdout, stderr: "", exitCode: 0 });
          } catch (error) {
            expect(error).toBeInstanceOf(OutputNotUnderstood);
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  it("takes a time that grows with the length of a line, not with its square", () => {
    const pieces = [..." |(\t[{=\r'", " (", "dm-", " dm-", "a ", "[b]:", "1:", " -> ", "- ", '{"a":[', "/dev/ "];
    const starts = ["", "mpatha (36) dm-2 ", "`- 1:0:0:0 sda 8:0 ", "[0:0:0:0] disk ", "A="];
    for (const start of starts) {
      for (const piece of pieces) {
        for (const end of ["", "x"]) {
          for (const command of [...READS, ...OLDER]) {
            const began = performance.now();
            tryParse(command, `${start}${piece.repeat(20_000)}${end}`);
            expect(performance.now() - began, `${command.argv[0]}: ${start}${piece}…${end}`).toBeLessThan(1_000);
          }
        }
      }
    }
  });
});

function tryParse(command: HostCommand<unknown>, stdout: string): void {
  try {
    command.parse({ stdout, stderr: "", exitCode: 0 });
  } catch (error) {
    expect(error).toBeInstanceOf(OutputNotUnderstood);
  }
}
