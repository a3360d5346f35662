import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileSystem } from "../../src/simulator/san/content.ts";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { byId, type Login, logIn, prepareLocking } from "./on-host.ts";

let san: SimulatedHosts;
let logins: Login[];
let first: Login;
let second: Login;
beforeEach(async () => {
  san = await startSimulatedHosts({ directory: null });
  logins = await Promise.all(san.hosts.map((host) => logIn(san, host.name)));
  [first, second] = logins as [Login, Login];
});
afterEach(async () => {
  for (const login of logins) login.close();
  await san.stop();
});

const create = (login: Login, name: string, wwid: string) =>
  login.run([
    "vgcreate",
    "--shared",
    "--addtag",
    "zs::sharedblock::init::x",
    "--metadatasize",
    "2048m",
    name,
    byId(wwid),
  ]);

describe("vgcreate --shared", () => {
  it("takes an orphan physical volume, and every host starts its lockspace", async () => {
    await Promise.all(logins.map((login, index) => prepareLocking(login, index + 1)));
    expect(await create(first, "ps1", tutorialLuns.orphan)).toEqual({
      stdout: `  Enabling sanlock global lock
  Logical volume "lvmlock" created.
  Volume group "ps1" successfully created
  VG ps1 starting sanlock lockspace
  Starting locking.  Waiting until locks are ready...
`,
      stderr: "",
      exitCode: 0,
    });
    for (const login of logins.slice(1)) {
      expect((await login.run(["vgchange", "--lockstart", "--", "ps1"])).exitCode).toBe(0);
    }
    for (const login of logins) {
      expect((await login.run(["lvmlockctl", "--info"])).stdout).toMatch(
        /^VG ps1 lock_type=sanlock \S+\nLS sanlock lvm_ps1\n/,
      );
      const { stdout } = await login.run(["vgs", "--readonly", "-o", "vg_name,vg_lock_type,vg_tags"]);
      expect(stdout).toMatch(/ps1 +sanlock +zs::sharedblock::init::x/);
    }
    // A lockspace that runs is left as it is.
    expect((await first.run(["vgchange", "--lockstart", "--", "ps1"])).exitCode).toBe(0);
    // The lock volume holds the LUN.
    expect(await first.run(["wipefs", "--all", "--", byId(tutorialLuns.orphan)])).toMatchObject({
      stderr: `wipefs: error: ${byId(tutorialLuns.orphan)}: probing initialization failed: Device or resource busy\n`,
      exitCode: 1,
    });
    expect((await create(first, "ps1", tutorialLuns.blank)).stderr).toContain("/dev/ps1: already exists in filesystem");
    expect(await create(first, "ps2", tutorialLuns.orphan)).toMatchObject({ exitCode: 5 });
  });

  it("makes a physical volume of a blank LUN, behind 2 GiB of metadata", async () => {
    await prepareLocking(first, 1);
    const { stdout } = await create(first, "ps1", tutorialLuns.blank);
    expect(stdout).toContain(`  Physical volume "${byId(tutorialLuns.blank)}" successfully created.\n`);
    const report = await first.run([
      "vgs",
      "--units",
      "b",
      "--nosuffix",
      "--noheadings",
      "-o",
      "vg_size,vg_free",
      "--shared",
    ]);
    const extent = 4 * 1024 ** 2;
    const size = Math.floor((2 * 1024 ** 4 - 2049 * 1024 ** 2) / extent) * extent;
    expect(report.stdout).toContain(`${size} ${size - 256 * 1024 ** 2}`);
  });

  it.each([
    ["ext4 without a mount asks and takes silence for no", "ext4"],
    ["a mounted file system", "mounted"],
    ["partitions", "partitioned"],
    ["a physical volume of another group", "ofAnotherGroup"],
  ] as const)("refuses a LUN with %s and changes nothing", async (_what, which) => {
    await prepareLocking(second, 2);
    const wwid = tutorialLuns[which === "ext4" ? "blank" : which];
    if (which === "ext4") san.array.write(wwid, fileSystem("ext4", "data"));
    const before = san.array.lun(wwid);
    const { stderr, exitCode } = await create(second, "ps1", wwid);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(
      {
        ext4: `WARNING: ext4 signature detected on ${byId(wwid)} at offset 1080. Wipe it? [y/n]: [n]\n  Aborted wiping of ext4.`,
        mounted: "exclusively.  Mounted filesystem?",
        partitioned: "device is partitioned",
        ofAnotherGroup: "is already in volume group 'vg_archive'",
      }[which],
    );
    expect(san.array.lun(wwid)).toEqual(before);
  });

  it("needs lvmlockd in the settings, the daemons and a host id", async () => {
    expect(await create(first, "ps1", tutorialLuns.blank)).toMatchObject({
      stderr:
        "  Using a shared lock type requires lvmlockd (lvm.conf use_lvmlockd.)\n  Run `vgcreate --help' for more information.\n",
      exitCode: 3,
    });
    await first.run(["tee", "--", "/etc/lvm/lvmlocal.conf"], { stdin: "global {\n\tuse_lvmlockd = 1\n}\n" });
    expect((await create(first, "ps1", tutorialLuns.blank)).stderr).toContain("lvmlockd process is not running");
    await first.run(["systemctl", "enable", "--now", "--", "sanlock.service", "lvmlockd.service"]);
    // Real LVM creates the group all the same, and says only that its locks did not start.
    expect(await create(first, "ps1", tutorialLuns.blank)).toMatchObject({
      stderr: "  VG ps1 start failed: invalid sanlock host_id, set in lvmlocal.conf\n  Failed to start locking\n",
      exitCode: 0,
    });
    expect((await first.run(["lvmlockctl", "--info"])).stdout).toBe("");
    expect((await first.run(["vgchange", "--lockstart", "--", "ps1"])).exitCode).toBe(5);
    await first.run(["tee", "--", "/etc/lvm/lvmlocal.conf"], { stdin: "local { host_id = 1\n" });
    expect(await first.run(["vgs"])).toMatchObject({ exitCode: 4 });
  });

  it("leaves an orphan if the LUN is too small for the lock volume", async () => {
    await prepareLocking(first, 1);
    const wwid = "36b083fe000daf018000019995abbffff";
    san.array.offer({ wwid, sizeBytes: 2100 * 1024 ** 2 });
    await first.run(["tee", "--", "/sys/class/scsi_host/host0/scan"], { stdin: "- - -\n" });
    expect(await create(first, "ps1", wwid)).toMatchObject({ exitCode: 5 });
    expect(san.array.lun(wwid).content.physicalVolume?.volumeGroupUuid).toBe(null);
  });
});

describe("lockspaces and listings", () => {
  it("don't start twice under one host id, and vgchange says nothing of it", async () => {
    await prepareLocking(first, 1);
    await prepareLocking(second, 1);
    await create(first, "ps1", tutorialLuns.orphan);
    expect((await second.run(["vgchange", "--lockstart", "--", "ps1"])).exitCode).toBe(0);
    expect((await second.run(["lvmlockctl", "--info"])).stdout).toBe("");
    await prepareLocking(second, 2);
    await second.run(["vgchange", "--lockstart", "--", "ps1"]);
    expect((await second.run(["lvmlockctl", "--info"])).stdout).toContain("VG ps1 ");
  });

  it("hide shared groups and their physical volumes if lvmlockd is not in use", async () => {
    await prepareLocking(first, 1);
    await create(first, "ps1", tutorialLuns.orphan);
    expect((await second.run(["vgs", "--readonly"])).stdout).not.toContain("ps1");
    expect((await second.run(["pvs", "--readonly"])).stdout).not.toContain("/dev/mapper/mpatha");
    expect((await second.run(["vgs", "--readonly", "--shared"])).stdout).toContain("ps1");
    expect((await second.run(["pvs", "--readonly", "--shared"])).stdout).toMatch(/\/dev\/mapper\/mpatha +ps1/);
  });

  it("wiping a LUN on one host takes its volume group from all", async () => {
    await prepareLocking(first, 1);
    await create(first, "ps1", tutorialLuns.orphan);
    san.array.write(tutorialLuns.orphan, fileSystem("xfs", "oops"));
    expect((await first.run(["vgs", "--readonly"])).stdout).not.toContain("ps1");
    expect((await first.run(["lvmlockctl", "--info"])).stdout).toBe("");
  });

  it("back up what wipefs erases, and a wiped LUN is not blank", async () => {
    const device = byId(tutorialLuns.orphan);
    await first.run(["mkdir", "-p", "-m", "0700", "--", "/var/lib/backups/1"]);
    const backUp = ["env", "HOME=/var/lib/backups/1", "wipefs", "--all", "--no-act", "--backup", "--", device] as const;
    expect((await first.run(backUp)).stdout).toContain("8 bytes were erased at offset 0x00000218 (LVM2_member)");
    const backup = `/var/lib/backups/1/wipefs-dm-uuid-mpath-${tutorialLuns.orphan}-0x00000218.bak`;
    expect(san.file("sharedblock-host1", backup)).toBe("LVM2 001");
    expect(san.array.lun(tutorialLuns.orphan).content.physicalVolume).not.toBe(null);
    await first.run(["wipefs", "--all", "--", device]);
    expect(san.array.lun(tutorialLuns.orphan).content.physicalVolume).toBe(null);
    expect((await first.run(["cmp", "--", device, "/dev/zero"])).exitCode).toBe(1);
  });

  it("find a new LUN only after every SCSI host was scanned", async () => {
    const wwid = "36b083fe000daf018000019995abbffff";
    san.array.offer({ wwid, sizeBytes: 1024 ** 4, hosts: ["sharedblock-host1"] });
    expect((await first.run(["multipath", "-ll"])).stdout).not.toContain(wwid);
    await first.run(["tee", "--", "/sys/class/scsi_host/host1/scan"], { stdin: "- - -\n" });
    expect((await first.run(["multipath", "-ll"])).stdout).not.toContain(wwid);
    const { exitCode } = await first.run(["tee", "--", "/sys/class/scsi_host/host0/scan"], { stdin: "- - -\n" });
    expect(exitCode).toBe(0);
    expect((await first.run(["multipath", "-ll"])).stdout).toContain(`mpathh (${wwid}) dm-8 DELL,MD32xx`);
    expect((await second.run(["multipath", "-ll"])).stdout).not.toContain(wwid);
  });
});
