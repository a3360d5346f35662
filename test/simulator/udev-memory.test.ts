import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listBlockDevices } from "../../src/host/lsblk.ts";
import { removePhysicalVolume } from "../../src/host/lvm.ts";
import { listDiskIds, reprobeDevices } from "../../src/host/udev.ts";
import { listSignatures } from "../../src/host/wipefs.ts";
import { fileSystem } from "../../src/simulator/san/content.ts";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { allDevices } from "../../src/storage/observe/view-index.ts";
import { byId, type Login, logIn } from "./on-host.ts";

const HOST1 = "sharedblock-host1";
const HOST2 = "sharedblock-host2";
const device = byId(tutorialLuns.orphan);

let directory: string;
let san: SimulatedHosts;
let first: Login;
let second: Login;
const begins = async () => {
  san = await startSimulatedHosts({ directory });
  [first, second] = await Promise.all([logIn(san, HOST1), logIn(san, HOST2)]);
};
const ends = async () => {
  first.close();
  second.close();
  await san.stop();
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "udev-"));
  await begins();
});
afterEach(async () => {
  await ends();
  await rm(directory, { recursive: true });
});

/** What lsblk says of the orphan's map. */
async function shownBy(login: Login): Promise<string | null> {
  const link = (await login.ask(listDiskIds)).find(({ name }) => device.endsWith(name));
  return allDevices(await login.ask(listBlockDevices)).get(link?.device ?? "")?.fileSystem ?? null;
}
const shown = async () => [await shownBy(first), await shownBy(second)];
const read = async () =>
  (await Promise.all([first, second].map((login) => login.ask(listSignatures(device))))).map((found) =>
    found.map(({ type }) => type).join(),
  );

describe("what a host's udev remembers of a LUN", () => {
  it("is renewed by the host's own programs, and another host does not notice", async () => {
    expect(await shown()).toEqual(["LVM2_member", "LVM2_member"]);
    expect((await first.run(removePhysicalVolume(device).argv)).exitCode).toBe(0);
    expect(await shown()).toEqual([null, "LVM2_member"]);
    // A program that reads the disk itself sees its real content.
    expect(await read()).toEqual(["", ""]);
    expect((await second.run(["vgcreate", "vg1", device])).exitCode).toBe(0);
    expect(await shown()).toEqual([null, "LVM2_member"]);
    await first.run(reprobeDevices([device]).argv);
    expect(await shown()).toEqual(["LVM2_member", "LVM2_member"]);
  });

  it("is not renewed if a person writes on an unknown host", async () => {
    san.array.write(tutorialLuns.orphan, fileSystem("xfs", "theirs"));
    expect(await shown()).toEqual(["LVM2_member", "LVM2_member"]);
    expect(await read()).toEqual(["xfs", "xfs"]);
    san.array.write(tutorialLuns.orphan, fileSystem("ext4", "theirs"), HOST2);
    expect(await shown()).toEqual(["LVM2_member", "ext4"]);
  });

  it("is made again when the host boots, and when its disks or its map appear", async () => {
    san.array.write(tutorialLuns.orphan, fileSystem("xfs", "theirs"));
    await san.powerOff(HOST1);
    await san.powerOn(HOST1);
    first.close();
    first = await logIn(san, HOST1);
    san.array.unmap(tutorialLuns.orphan, HOST2);
    san.array.map(tutorialLuns.orphan, HOST2);
    expect(await shown()).toEqual(["xfs", "xfs"]);
    san.array.write(tutorialLuns.orphan, fileSystem("ext4", "theirs"));
    san.array.flushMap(tutorialLuns.orphan, HOST2);
    san.array.assembleMaps(HOST2);
    expect(await shown()).toEqual(["xfs", "ext4"]);
  });

  it("is renewed for every device by a trigger without a name, and not for a missing one", async () => {
    san.array.write(tutorialLuns.orphan, fileSystem("xfs", "theirs"));
    expect(await first.run(["udevadm", "trigger", "--action=change", "--name-match=/dev/nope"])).toEqual({
      stdout: "",
      stderr: "Failed to open the device '/dev/nope': No such device\n",
      exitCode: 1,
    });
    await second.run(["udevadm", "trigger"]);
    expect(await shown()).toEqual(["LVM2_member", "xfs"]);
  });

  it("outlives the process; a file without it is read as if udev had just probed", async () => {
    san.array.write(tutorialLuns.orphan, fileSystem("xfs", "theirs"));
    await ends();
    await begins();
    expect(await shown()).toEqual(["LVM2_member", "LVM2_member"]);
    await ends();
    const file = join(directory, "simulated-san.json");
    const saved = JSON.parse(await readFile(file, "utf8"));
    for (const host of saved.hosts) delete host.udevMemory;
    await writeFile(file, JSON.stringify(saved));
    await begins();
    expect(await shown()).toEqual(["xfs", "xfs"]);
  });
});
