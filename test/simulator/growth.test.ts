import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tutorialLuns as luns } from "../../src/simulator/san/tutorial-san.ts";
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

const tebibyte = 1024 ** 4;
const HOST1 = "sharedblock-host1";

/** A shared group on the blank LUN. Only the first host has started its locks. */
async function sharedGroup(): Promise<void> {
  await Promise.all(logins.map((login, index) => prepareLocking(login, index + 1)));
  expect((await first.run(["vgcreate", "--shared", "ps1", byId(luns.blank)])).exitCode).toBe(0);
}
const sizeOf = async (login: Login): Promise<number> => {
  const report = ["vgs", "--readonly", "--shared", "--units", "b", "--nosuffix", "--noheadings"] as const;
  const { stdout } = await login.run([...report, "--reportformat", "json", "-o", "vg_name,vg_size"]);
  return Number(/"vg_name":"ps1", "vg_size":"(\d+)"/.exec(stdout)?.[1]);
};

describe("dd", () => {
  it("creates a file if no device has the name, unless an option forbids it", async () => {
    const gone = "/dev/disk/by-id/dm-uuid-mpath-36f011af000d5c3e70000166e5ab82199";
    const file = "/root/magic.bak";
    await first.run(["tee", "--", file], { stdin: "LVM2 001" });
    const write = (conv: string) => first.run(["dd", `if=${file}`, `of=${gone}`, "bs=1M", conv, "status=none"]);
    expect(await write("conv=nocreat,notrunc,fsync")).toMatchObject({
      stderr: `dd: failed to open '${gone}': No such file or directory\n`,
      exitCode: 1,
    });
    expect((await write("conv=notrunc,fsync")).exitCode).toBe(0);
    expect((await first.run(["cat", "--", gone])).stdout).toBe("LVM2 001");
  });
});

describe("vgextend", () => {
  it("takes a LUN into a shared group under its locks, and every host reads it", async () => {
    await sharedGroup();
    const before = await sizeOf(second);
    expect(await first.run(["vgextend", "--metadatasize", "2048m", "ps1", byId(luns.orphan)])).toEqual({
      stdout: '  Volume group "ps1" successfully extended\n',
      stderr: "",
      exitCode: 0,
    });
    expect(await sizeOf(second)).toBeGreaterThan(before + 2 * 10 ** 12);
  });

  it("refuses without the locks. Also a disk of another group, a mounted disk, and a signature without the wipe option", async () => {
    await sharedGroup();
    const extend = (login: Login, wwid: string) => login.run(["vgextend", "ps1", byId(wwid)]);
    expect(await extend(second, luns.orphan)).toMatchObject({
      stderr: "  Global lock failed: check that global lockspace is started\n",
      exitCode: 5,
    });
    expect((await extend(first, luns.ofAnotherGroup)).stderr).toContain("is already in volume group 'vg_archive'");
    expect((await extend(first, luns.mounted)).stderr).toContain("ext4 signature detected");
    expect((await extend(first, luns.partitioned)).stderr).toContain("device is partitioned");
    const large = "36f011af000d5c3e70000166e5ab82199";
    san.array.offer({ wwid: large, sizeBytes: tebibyte, logicalSectorBytes: 4096 });
    san.array.map(large, HOST1);
    expect((await extend(first, large)).stderr).toBe(
      "  Devices have inconsistent logical block sizes (512 and 4096).\n",
    );
    expect(san.array.lun(large).content.physicalVolume).toBeNull();
    expect(await first.run(["vgextend", "nosuch", byId(luns.orphan)])).toMatchObject({ exitCode: 5 });
    expect(san.array.lun(luns.orphan).content.physicalVolume?.volumeGroupUuid).toBeNull();
  });
});

describe("a LUN that grows", () => {
  it("has its new size first in the array's answer, then in each path, then in the map and LVM", async () => {
    await sharedGroup();
    const before = await sizeOf(first);
    san.array.grow(luns.blank, 3 * tebibyte, []);
    const lsblk = async (login: Login) => (await login.run(["lsblk", "-J", "-b", "-o", "NAME,SIZE"])).stdout;
    const tooLarge = "READ CAPACITY (10) indicates device capacity too large\n  now trying 16 byte cdb variant\n";
    const readcap = (disk: string) => first.run(["sg_readcap", "--brief", "--readonly", `/dev/${disk}`]);
    expect((await readcap("sdc")).stdout).toBe(`${tooLarge}0x180000000 0x200\n`);
    expect(await lsblk(first)).not.toContain(`"size": ${3 * tebibyte}`);

    const rescan = (disk: string) => first.run(["tee", "--", `/sys/block/${disk}/device/rescan`], { stdin: "1\n" });
    await rescan("sdc");
    // One path alone: the kernel would not take a table that ends behind the others.
    expect(await first.run(["multipathd", "resize", "map", "mpathb"])).toMatchObject({ stdout: "fail\n", exitCode: 1 });
    await rescan("sdf");
    await rescan("sdi");
    expect(await first.run(["multipathd", "resize", "map", luns.blank])).toMatchObject({ stdout: "fail\n" });
    expect(await first.run(["pvresize", "--", byId(luns.blank)])).toMatchObject({ exitCode: 0 });
    expect(await sizeOf(first)).toBe(before);
    expect(await first.run(["multipathd", "resize", "map", "mpathb"])).toMatchObject({ stdout: "ok\n", exitCode: 0 });
    expect(await second.run(["pvresize", "--", byId(luns.blank)])).toMatchObject({ exitCode: 5 });
    expect((await first.run(["pvresize", "--", byId(luns.blank)])).stdout).toBe(
      '  Physical volume "/dev/mapper/mpathb" changed\n  1 physical volume(s) resized or updated / 0 physical volume(s) not resized\n',
    );
    for (const login of logins) expect(await sizeOf(login)).toBe(before + tebibyte);
  });
});

describe("a LUN that the array no longer offers", () => {
  it("leaves a map and dead paths, until the map is flushed and the paths are deleted", async () => {
    san.array.unmap(luns.failedPath, HOST1, "dead paths");
    const { stdout } = await first.run(["multipath", "-ll", "mpathg"]);
    const disks = [...stdout.matchAll(/ (sd[a-z]+) /g)].flatMap(([, disk]) => disk ?? []);
    expect(disks).toHaveLength(3);
    for (const disk of disks) {
      expect(await first.run(["sg_readcap", "--brief", `/dev/${disk}`])).toMatchObject({ exitCode: 5 });
    }
    expect(await first.run(["multipath", "-f", "mpathg"])).toMatchObject({ exitCode: 0 });
    const files = disks.map((disk) => `/sys/block/${disk}/device/delete`);
    expect(await first.run(["tee", "--", ...files], { stdin: "1\n" })).toMatchObject({ exitCode: 0 });
    await first.run(["tee", "--", "/sys/class/scsi_host/host0/scan"], { stdin: "- - -\n" });
    expect((await first.run(["ls", "/dev/disk/by-id"])).stdout).not.toContain(luns.failedPath);
    expect((await first.run(["tee", "--", ...files], { stdin: "1\n" })).stderr).toContain("No such file or directory");
  });

  it("comes back with a scan if a path was deleted that the array still offers", async () => {
    expect(await first.run(["multipath", "-f", "mpathc"])).toMatchObject({
      stderr: "mpathc: map in use\n",
      exitCode: 1,
    });
    await first.run(["multipath", "-f", "mpathb"]);
    for (const disk of ["sdc", "sdf", "sdi"]) {
      await first.run(["tee", "--", `/sys/block/${disk}/device/delete`], { stdin: "1\n" });
    }
    expect((await first.run(["ls", "/dev/disk/by-id"])).stdout).not.toContain(luns.blank);
    await first.run(["tee", "--", "/sys/class/scsi_host/host0/scan"], { stdin: "- - -\n" });
    expect((await first.run(["ls", "/dev/disk/by-id"])).stdout).toContain(`dm-uuid-mpath-${luns.blank}`);
  });
});

describe("a backup", () => {
  it("brings back what wipefs erased, byte by byte, and nothing at places with other content", async () => {
    const folder = `/var/lib/zstack-chatops/backup/${luns.orphan}-20261122100000`;
    const device = byId(luns.orphan);
    await first.run(["mkdir", "-p", "-m", "0700", "--", folder]);
    await first.run(["dd", `if=${device}`, `of=${folder}/beginning.bin`, "bs=1M", "count=2", "status=none"]);
    const short = "/tmp/first-mib.bin";
    await first.run(["dd", `if=${device}`, `of=${short}`, "bs=1M", "count=1", "status=none"]);
    await first.run(["env", `HOME=${folder}`, "wipefs", "--all", "--backup", "--", device]);
    const list = async (path: string) => (await second.run(["wipefs", "--json", "--", path])).stdout;
    expect(await list(device)).not.toContain("LVM2_member");
    expect((await first.run(["wipefs", "--json", "--", `${folder}/beginning.bin`])).stdout).toContain("LVM2_member");
    // What is not larger than a floppy disk is taken for one.
    expect((await first.run(["wipefs", "--json", "--", short])).stdout).not.toContain("LVM2_member");
    const kept = `${folder}/wipefs-dm-uuid-mpath-${luns.orphan}-0x00000218.bak`;
    const pattern = ["-path", `/var/lib/zstack-chatops/backup/${luns.orphan}-*/*`] as const;
    const depth = ["-mindepth", "2", "-maxdepth", "2", "-type", "f"] as const;
    const root = "/var/lib/zstack-chatops/backup";
    const found = await first.run(["find", root, ...depth, ...pattern, "-printf", "%P\\t%s\\n"]);
    expect(found.stdout).toContain(`${kept.slice(root.length + 1)}\t8\n`);

    const restore = (seek: number) =>
      first.run(["dd", `if=${kept}`, `of=${device}`, "bs=1M", "oflag=seek_bytes", `seek=${seek}`, "status=none"]);
    await restore(512);
    expect(await list(device)).not.toContain("LVM2_member");
    await restore(536);
    expect(await list(device)).toContain("zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF");
  });
});
