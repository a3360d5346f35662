import { describe, expect, it } from "vitest";
import { OutputNotUnderstood } from "../../src/core/host-command.ts";
import { writeTextFile } from "../../src/host/file.ts";
import { isNeeded, packageOf } from "../../src/host/packages.ts";
import { forgetDisks, rescanDisks, rescanScsiHosts } from "../../src/host/scsi.ts";
import { CHANGES, DESTROYING, families, OLDER, READS } from "./commands/every.ts";

const ALL = [...READS, ...CHANGES, ...DESTROYING];

describe("host commands", () => {
  it("declare their effect on a host", () => {
    expect(READS.map((command) => command.effect)).toEqual(READS.map(() => "read"));
    expect(CHANGES.map((command) => command.effect)).toEqual(CHANGES.map(() => "change"));
    expect(DESTROYING.map((command) => command.effect)).toEqual(DESTROYING.map(() => "destroy"));
  });

  it.each(Object.entries(families))("of %s are these argument lists", (_family, { changes, destroying }) => {
    const built = [...changes, ...destroying];
    expect(built.map(([{ argv }]) => argv.join(" "))).toEqual(built.map(([, argv]) => argv));
  });

  it("have fallbacks for old versions, and text for standard input", () => {
    expect(OLDER.map(({ argv }) => argv.join(" "))).toMatchInlineSnapshot(`
      [
        "lsblk -P -b -o NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN,PKNAME,SERIAL",
        "lsblk -a -P -b -o NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN,PKNAME,SERIAL",
        "sg_readcap --brief /dev/sdd",
        "wipefs --parsable -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
      ]
    `);
    expect(rescanScsiHosts(["host0"]).stdin).toBe("- - -\n");
    expect(writeTextFile("/etc/x", "text\n").stdin).toBe("text\n");
  });

  it("never use force or yes for the operator", () => {
    // To multipath -f is "flush", and find writes its whole words with one dash.
    const forced = ALL.filter(({ argv }) => argv[0] !== "multipath" && argv[0] !== "find");
    for (const { argv } of forced) {
      expect(argv.filter((word) => /^(-[a-z]*[fy]|--force|--yes)$/.test(word))).toEqual([]);
    }
  });

  it("that report on LVM take no lock, and use no cached hints", () => {
    const reports = READS.filter(({ argv }) => ["vgs", "pvs", "lvs"].includes(argv[0]));
    expect(new Set(reports.map(({ argv }) => argv[0])).size).toBe(3);
    for (const { argv } of reports) {
      expect(argv[argv.indexOf("--config") + 1]).toContain('global/use_lvmlockd=0 devices/hints="none"');
    }
  });

  it("have a short time limit, and understand exit code 0", () => {
    for (const command of READS) expect(command.timeoutMs).toBeLessThanOrEqual(20_000);
    for (const command of ALL) expect(command.exitCodes).toContain(0);
  });

  it("have a package for every program", () => {
    const programs = ALL.map(({ argv }) => argv[0]);
    expect(programs.filter((program) => packageOf(program) === null)).toEqual([]);
    expect(packageOf("nosuch")).toBeNull();
  });

  it("need only packages of host prepare, of every system, and of libvirt", () => {
    const packages = ALL.flatMap(({ argv }) => packageOf(argv[0]) ?? []);
    const others = packages.filter((names) => !isNeeded(names)).map(({ debian }) => debian);
    const everySystem = [
      "apt",
      "coreutils",
      "dpkg",
      "findutils",
      "hostname",
      "rpm",
      "sed",
      "systemd",
      "udev",
      "util-linux",
    ];
    // dmsetup comes with lvm2.
    expect([...new Set(others)].sort()).toEqual([...everySystem, "dmsetup", "libvirt-clients"].sort());
  });

  it("rescan and forget only SCSI disks", () => {
    expect(() => rescanDisks(["sdd", "../sda"])).toThrow(OutputNotUnderstood);
    expect(() => forgetDisks(["dm-2"])).toThrow(OutputNotUnderstood);
    expect(forgetDisks(["sdd"]).stdin).toBe("1\n");
  });

  it("scan only SCSI hosts", () => {
    expect(() => rescanScsiHosts(["host0", "../../block/sda/device/delete"])).toThrow(OutputNotUnderstood);
  });
});
