import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tutorialIscsi } from "../../src/simulator/san/tutorial-iscsi.ts";
import { tutorialLuns as luns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { watchReads } from "../../src/watch/watch-reads.ts";
import { type Login, logIn } from "./on-host.ts";

const HOST = "sharedblock-host1";
const FORMAT = "%w|%i|%d|%t|%T|%o|%m|%n|%r";

let san: SimulatedHosts;
let login: Login;
beforeEach(async () => {
  san = await startSimulatedHosts({ directory: null });
  login = await logIn(san, HOST);
});
afterEach(async () => {
  login.close();
  await san.stop();
});

const shown = async (...words: string[]) => {
  const { stdout, exitCode } = await login.run(["multipathd", "show", ...words]);
  return exitCode === 0 ? stdout : null;
};
const lines = async (format: string) => (await shown("paths", "raw", "format", format))?.split("\n").slice(0, -1) ?? [];
const json = async () => JSON.parse((await shown("maps", "json")) ?? "null");

describe("multipathd show paths raw format", () => {
  it("prints one line for each path, orphans too, and nothing for a wildcard that it does not know", async () => {
    const [first, second] = await lines(FORMAT);
    expect(first).toMatch(/^ST1000NX0423_\w+\|1:0:0:0\|sda\|undef\|undef\|unknown\|\[orphan\]\|\[undef\]\|\[undef\]$/);
    expect(second).toBe(`${luns.ofAnotherGroup}|0:0:0:1|sdb|active|ready|running|mpathc|0x590b11c0463f8e00|[undef]`);
    expect(await lines("%d %D %R %P %c %p%? %S")).toContain("sdb 8:16 [undef] scsi:sas rdac 14 1.0T");
    expect(await lines(FORMAT)).toHaveLength(1 + san.array.devices(luns.orphan, HOST).length * 7);
  });

  it("shows each state as multipath has it", async () => {
    san.array.pathState(HOST, "sdb", "failed");
    san.array.pathState(HOST, "sdc", "offline");
    san.array.unmap(luns.mounted, HOST, "dead paths");
    const states = new Map((await lines("%d %t %T %o")).map((line) => [line.split(" ")[0], line]));
    expect(states.get("sdb")).toBe("sdb failed faulty running");
    expect(states.get("sdc")).toBe("sdc failed faulty offline");
    for (const device of san.array.devices(luns.mounted, HOST)) {
      expect(states.get(device)).toBe(`${device} failed faulty running`);
    }
  });

  it("shows a path that was in use when its map was made as an orphan, and no deleted one", async () => {
    const [left = "", deleted = "", ...others] = san.array.devices(luns.mounted, HOST);
    san.array.leaveOut(HOST, left);
    san.array.deletePath(HOST, deleted);
    const mapOf = async () => new Map((await lines("%d %m")).map((line) => line.split(" ") as [string, string]));
    const before = await mapOf();
    expect([before.get(left), before.get(deleted)]).toEqual(["[orphan]", undefined]);
    san.array.assembleMaps(HOST);
    const after = await mapOf();
    expect([after.get(left), after.get(deleted)]).toEqual(Array(2).fill(after.get(others[0] ?? "")));
  });

  it("names the iSCSI target as the target's node", async () => {
    await login.run(["systemctl", "start", "iscsid.service"]);
    const [address] = tutorialIscsi.portals;
    for (const more of [["-o", "new"], ["--login"]]) {
      await login.run(["iscsiadm", "-m", "node", ...more, "-T", tutorialIscsi.shared, "-p", `${address}:3260`]);
    }
    expect(await lines("%w %n %P %a")).toContain(
      `${tutorialIscsi.luns.shared} ${tutorialIscsi.shared} scsi:iscsi 172.20.14.101`,
    );
  });
});

describe("multipathd show maps json", () => {
  it("prints one map as multipath does, to the blank", async () => {
    san.array.pathState(HOST, "sdc", "failed");
    const text = await shown("map", "mpathb", "json");
    const recorded = join(import.meta.dirname, "multipathd-map.txt");
    expect(text).toBe(readFileSync(recorded, "utf8"));
    expect((await json()).maps[1]).toEqual(JSON.parse(text ?? "").map);
  });

  it("counts the active paths, down to none", async () => {
    for (const device of san.array.devices(luns.blank, HOST)) san.array.pathState(HOST, device, "failed");
    const { maps } = await json();
    expect(maps).toHaveLength(7);
    expect(maps[1]).toMatchObject({ name: "mpathb", uuid: luns.blank, sysfs: "dm-1", paths: 0 });
    expect(maps[1].path_groups.map((group: { dm_st: string }) => group.dm_st)).toEqual(["enabled", "enabled"]);
  });

  it("has no groups in a map without disks, and no maps if there are none", async () => {
    san.array.unmap(luns.blank, HOST, "an empty map");
    expect((await json()).maps[1]).toMatchObject({ paths: 0, vend: "##", path_groups: [] });
    for (const wwid of Object.values(luns)) san.array.unmap(wwid, HOST);
    expect(await shown("maps", "json")).toBe('{\n   "major_version": 0,\n   "minor_version": 1,\n   "maps": []\n}\n');
  });
});

describe("multipathd", () => {
  it("ends with 1 if the daemon does not run, and answers fail to what it does not know", async () => {
    expect(await login.run(["multipathd", "show", "nothing"])).toEqual({ stdout: "fail\n", stderr: "", exitCode: 1 });
    expect(await login.run(["multipathd", "show", "map", "mpathx", "json"])).toMatchObject({ stdout: "fail\n" });
    await login.run(["systemctl", "stop", "multipathd.service", "multipathd.socket"]);
    expect(await login.run(["multipathd", "show", "maps", "json"])).toEqual({ stdout: "", stderr: "", exitCode: 1 });
  });

  it("prints raw lines of maps", async () => {
    expect((await shown("maps", "raw", "format", "%n|%w|%d|%N|%t|%S"))?.split("\n")).toContain(
      `mpathb|${luns.blank}|dm-1|3|active|2.0T`,
    );
  });

  it("starts again if a person asks it while its socket is active, but not for the watch", async () => {
    const state = () => login.run(["systemctl", "is-active", "multipathd.service"]);
    const { paths } = watchReads([]);
    if (paths === undefined) throw new Error("the watch asks multipathd");
    expect(await login.ask(paths)).not.toHaveLength(0);
    await login.run(["systemctl", "stop", "multipathd.service"]);
    expect(await login.ask(paths)).toBeNull();
    expect(await state()).toMatchObject({ stdout: "inactive\n", exitCode: 3 });
    expect(await login.run(["multipathd", "show", "maps", "json"])).toMatchObject({ exitCode: 0 });
    expect(await state()).toMatchObject({ stdout: "active\n", exitCode: 0 });
  });
});
