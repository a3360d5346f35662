import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tutorialLuns as luns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { type Login, logIn, type Stream } from "./on-host.ts";

const HOST = "sharedblock-host1";
const MONITOR = "udevadm monitor --kernel --property '--subsystem-match=block'";
const HEADER = "monitor will print the received events for:\nKERNEL - the kernel uevent\n\n";
const TEBIBYTE = 1024 ** 4;

let san: SimulatedHosts;
let login: Login;
let monitor: Stream;
beforeEach(async () => {
  san = await startSimulatedHosts({ directory: null });
  login = await logIn(san, HOST);
  monitor = await login.stream(MONITOR);
  await monitor.prints(/uevent\n\n$/);
});
afterEach(async () => {
  login.close();
  await san.stop();
});

/** The events so far, each as its first line without the time, and its properties. */
const events = () =>
  monitor.text
    .slice(HEADER.length)
    .split("\n\n")
    .filter(Boolean)
    .map((event) => {
      const [head = "", ...properties] = event.split("\n");
      return { head: head.replace(/^KERNEL\[\d+\.\d{6}\] /, ""), properties: properties.join(" ") };
    });
/** How many ran to their end. */
const monitorsRun = () => san.ran(HOST).filter(({ argv }) => argv[1] === "monitor").length;
const heads = () => events().map(({ head }) => head);

describe("udevadm monitor", () => {
  it("prints its head at once, and each event as udevadm does", async () => {
    expect(monitor.text).toBe(HEADER);
    san.array.pathState(HOST, "sdc", "failed");
    await monitor.prints(/MINOR=1\n\n$/);
    expect(monitor.text.slice(HEADER.length)).toMatch(
      /^KERNEL\[\d+\.\d{6}\] change {3}\/devices\/virtual\/block\/dm-1 \(block\)\nACTION=change\nDEVPATH=/,
    );
    expect(events()).toEqual([
      {
        head: "change   /devices/virtual/block/dm-1 (block)",
        properties: `ACTION=change DEVPATH=/devices/virtual/block/dm-1 SUBSYSTEM=block DM_TARGET=multipath DM_ACTION=PATH_FAILED DM_SEQNUM=1 DM_PATH=8:32 DM_NR_VALID_PATHS=2 DM_NAME=mpathb DM_UUID=mpath-${luns.blank} DEVNAME=/dev/dm-1 DEVTYPE=disk DISKSEQ=10 SEQNUM=4001 MAJOR=253 MINOR=1`,
      },
    ]);
  });

  it("counts the valid paths down to the last, and up again", async () => {
    const devices = san.array.devices(luns.blank, HOST);
    for (const device of devices) san.array.pathState(HOST, device, "failed");
    await monitor.prints(/DM_NR_VALID_PATHS=0/);
    for (const device of devices) san.array.pathState(HOST, device, "running");
    await monitor.prints(/PATH_REINSTATED[\s\S]*DM_NR_VALID_PATHS=3[\s\S]*\n\n$/);
    expect(
      events().map(({ properties }) => /DM_ACTION=(\w+) DM_SEQNUM=(\d).*PATHS=(\d)/.exec(properties)?.slice(1)),
    ).toEqual([
      ["PATH_FAILED", "1", "2"],
      ["PATH_FAILED", "2", "1"],
      ["PATH_FAILED", "3", "0"],
      ["PATH_REINSTATED", "4", "1"],
      ["PATH_REINSTATED", "5", "2"],
      ["PATH_REINSTATED", "6", "3"],
    ]);
  });

  it("reports the disks and the map of a new LUN, and those that go", async () => {
    const wwid = "36f011af000d5c3e70000166e5ab82199";
    san.array.offer({ wwid, sizeBytes: TEBIBYTE });
    await login.run(["tee", "--", "/sys/class/scsi_host/host0/scan"], { stdin: "- - -\n" });
    await monitor.prints(/DM_COOKIE[\s\S]*\n\n$/);
    const disk = "/devices/pci0000:00/0000:00:00.0/host0/target0:0:";
    const [first, second, third, map, table] = heads();
    expect([first, second, third]).toEqual([
      expect.stringContaining(`add      ${disk}0/0:0:0:`),
      expect.stringContaining(`add      ${disk}1/0:0:1:`),
      expect.stringContaining(`add      ${disk}2/0:0:2:`),
    ]);
    expect(map).toMatch(/^add {6}\/devices\/virtual\/block\/dm-\d+ \(block\)$/);
    expect(table).toBe(map?.replace("add   ", "change"));
    const before = heads().length;
    san.array.unmap(wwid, HOST);
    await monitor.prints(/remove[\s\S]*remove[\s\S]*remove[\s\S]*remove[\s\S]*\n\n$/);
    expect(
      heads()
        .slice(before)
        .every((head) => head.startsWith("remove   ")),
    ).toBe(true);
  });

  it("reports the new size of each path that is scanned again, and the reload of the map", async () => {
    san.array.grow(luns.blank, 3 * TEBIBYTE, []);
    for (const device of san.array.devices(luns.blank, HOST)) {
      await login.run(["tee", "--", `/sys/block/${device}/device/rescan`], { stdin: "1\n" });
    }
    await monitor.prints(/(?:RESIZE=1[\s\S]*){3}\n\n$/);
    await login.run(["multipathd", "resize", "map", "mpathb"]);
    await monitor.prints(/DM_COOKIE=\d+[\s\S]*\n\n$/);
    expect(events().map(({ properties }) => /RESIZE=1|DM_COOKIE/.exec(properties)?.[0])).toEqual([
      "RESIZE=1",
      "RESIZE=1",
      "RESIZE=1",
      "DM_COOKIE",
    ]);
  });

  it("reports nothing of another host, and what udevadm trigger asks for", async () => {
    san.array.pathState("sharedblock-host2", "sdc", "failed");
    await login.run(["udevadm", "trigger", "--action=change", "--name-match=/dev/sdc"]);
    await monitor.prints(/SYNTH_UUID=0[\s\S]*\n\n$/);
    expect(heads()).toEqual([expect.stringMatching(/\/block\/sdc \(block\)$/)]);
  });

  it("prints in the middle of a line, before what comes after it", async () => {
    const stream = await login.stream(`printf before; timeout 60 ${MONITOR}; printf after`);
    await stream.prints(/^beforemonitor will print/);
    san.array.pathState(HOST, "sdc", "offline");
    await stream.prints(/PATH_FAILED/);
    expect(stream.text).not.toContain("after");
    stream.close();
  });
});

describe("udevadm monitor ends", () => {
  it("by a signal, with 0", async () => {
    monitor.signal("TERM");
    expect(await monitor.ended).toBe(0);
  });

  it("by its time limit, with 124", async () => {
    const stream = await login.stream(`timeout 0.05 ${MONITOR}`);
    expect(await stream.ended).toBe(124);
    expect(stream.text).toBe(HEADER);
  });

  it("if its reader goes, and leaves the connection", async () => {
    monitor.close();
    await monitor.ended;
    expect((await login.run(["true"])).exitCode).toBe(0);
    await expect.poll(monitorsRun).toBe(1);
  });

  it("if the host loses its power, and if the simulation stops", async () => {
    const other = await (await logIn(san, "sharedblock-host2")).stream(MONITOR);
    await san.powerOff(HOST);
    expect(await monitor.ended).toBeNull();
    await expect.poll(monitorsRun).toBe(1);
    await other.prints(/uevent\n\n$/);
    await san.stop();
    await other.ended;
  });
});
