import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorLines, Refusal } from "../../src/core/refusal.ts";
import { tutorialIscsi } from "../../src/simulator/san/tutorial-iscsi.ts";
import { tutorialLuns as luns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { SanWords } from "../../src/simulator/words/san-words.ts";
import { byId, type Login, logIn, prepareLocking } from "./on-host.ts";

const HOST1 = "sharedblock-host1";
const HOST2 = "sharedblock-host2";
const PORT = "0x590b11c0463f8e01";
const STORAGE = { name: "ps-1", volumeGroup: "ps1" };

let san: SimulatedHosts;
let words: SanWords;
let login: Login;
beforeEach(async () => {
  san = await startSimulatedHosts({ directory: null });
  words = new SanWords(san, () => [STORAGE]);
  login = await logIn(san, HOST1);
});
afterEach(async () => {
  login.close();
  await san.stop();
});

const says = (text: string) => words.apply(text);
/** The lines of the refusal of words that change nothing. */
async function refused(text: string): Promise<string[]> {
  const before = JSON.stringify(san.san.state);
  const error = await words.apply(text).catch((caught: unknown) => caught);
  expect(JSON.stringify(san.san.state)).toBe(before);
  if (!(error instanceof Refusal)) throw new Error(`${text} was not refused: ${error}`);
  return errorLines(error.error);
}
const pathStates = async (): Promise<string[]> => {
  const { stdout } = await login.run(["multipathd", "show", "paths", "raw", "format", "%d %t %T"]);
  return stdout.split("\n");
};
const broken = () => words.choices().broken.map(({ text, restore }) => `${text}: ${restore}`);
/** The tutorial begins with one. */
const fromBegin = (host: string) =>
  expect.stringContaining(`${host} has failed: path-restore ${host} ${luns.failedPath}`);
const restoresAll = async () => {
  for (const { restore } of words.choices().broken) await says(restore);
};
async function sharedGroup(): Promise<void> {
  await prepareLocking(login, 1);
  expect((await login.run(["vgcreate", "--shared", "ps1", byId(luns.blank)])).exitCode).toBe(0);
}

describe("path-fail and path-restore", () => {
  it("fail one path by its name or its address, and bring it back", async () => {
    const [, hctl = ""] = san.array.hctls(luns.blank, HOST1);
    expect(await says(`path-fail ${HOST1} ${luns.blank} sdc`)).toBe(
      `sdc of …b82173 on ${HOST1} failed. 2 of 3 paths work.`,
    );
    expect(await says(`path-fail ${HOST1} b82173 ${hctl}`)).toContain("1 of 3 paths work.");
    expect(await pathStates()).toEqual(expect.arrayContaining(["sdc failed faulty", "sdf failed faulty"]));
    expect(broken()).toContain(`sdc of …b82173 on ${HOST1} has failed: path-restore ${HOST1} ${luns.blank} sdc`);
    expect(await says(`path-restore ${HOST1} ${luns.blank} sdc`)).toBe(
      `sdc of …b82173 on ${HOST1} works. 2 of 3 paths work.`,
    );
    expect(await pathStates()).toContain("sdc active ready");
  });

  it("name what there is if a name is wrong", async () => {
    expect(await refused("path-fail host9 x sdc")).toEqual([
      'NOT_FOUND  There is no host "host9"',
      "• the simulated SAN has no such host",
      `Fix: type one of: ${HOST1}, ${HOST2}, sharedblock-host3`,
    ]);
    expect(await refused(`path-fail ${HOST1} 36000 sdc`)).toContainEqual(expect.stringContaining(luns.blank));
    expect(await refused(`path-fail ${HOST1} ${luns.blank} sdzz`)).toEqual([
      `NOT_FOUND  There is no path "sdzz" to …b82173 on ${HOST1}`,
      "• the simulated SAN has no such path",
      "Fix: type one of: sdc, sdf, sdi",
    ]);
    expect(await refused(`path-fail ${HOST1} ${luns.blank}`)).toEqual([
      "WRONG_ARGUMENTS  path-fail can't be done",
      "• PATH is missing",
      "Fix: type path-fail HOST WWID PATH",
    ]);
    expect(await refused(`path-fail ${HOST1} ${luns.blank} sdc sdf`)).toContain("• sdf is too much");
    expect((await refused("burn everything"))[2]).toMatch(
      /^Fix: type one of: path-fail HOST WWID PATH; .*map HOST WWID$/,
    );
  });

  it("are refused on a host without power, and behind a portal that does not answer", async () => {
    await says(`portal-fail ${PORT}`);
    expect(await refused(`path-restore ${HOST1} ${luns.blank} sdf`)).toContain(
      `Fix: first type portal-restore ${PORT}`,
    );
    await says(`host-down ${HOST1}`);
    expect(await refused(`path-fail ${HOST1} ${luns.blank} sdc`)).toContain(`Fix: first type host-up ${HOST1}`);
  });
});

describe("portal-fail and portal-restore", () => {
  it("fail the paths of every LUN on every host through a port of the array", async () => {
    expect(await says(`portal-fail ${PORT}`)).toBe(`Portal ${PORT} does not answer. 0 of its 20 paths work.`);
    expect((await pathStates()).filter((line) => line.endsWith("failed faulty"))).toHaveLength(7);
    expect(broken()).toEqual([`Portal ${PORT} does not answer: portal-restore ${PORT}`]);
    await login.run(["tee", "--", "/sys/class/scsi_host/host0/scan"], { stdin: "- - -\n" });
    expect(await says(`portal-restore ${PORT}`)).toBe(`Portal ${PORT} answers again. 20 of its 20 paths work.`);
    expect(broken()).toEqual([]);
  });

  it("take an iSCSI portal with or without its port", async () => {
    await login.run(["systemctl", "start", "iscsid.service"]);
    const [address] = tutorialIscsi.portals;
    for (const more of [["-o", "new"], ["--login"]]) {
      await login.run(["iscsiadm", "-m", "node", ...more, "-T", tutorialIscsi.shared, "-p", `${address}:3260`]);
    }
    const [device] = san.array.devices(tutorialIscsi.luns.shared, HOST1);
    expect(await says(`portal-fail ${address}`)).toBe(`Portal ${address}:3260 does not answer. 0 of its 1 paths work.`);
    expect(await says(`portal-fail ${tutorialIscsi.portals[1]}`)).toContain("No host uses it.");
    expect(await pathStates()).toContain(`${device} undef undef`);
    expect(san.san.host(HOST1).paths.find((path) => path.device === device)?.state).toBe("failed");
    expect(broken()).toContain(`Portal ${address}:3260 does not answer: portal-restore ${address}:3260`);
    await restoresAll();
    expect(broken()).toEqual([]);
  });

  it("leave a path that the array withholds as it is", async () => {
    await says(`unmap ${HOST1} ${luns.blank}`);
    await says(`portal-fail ${PORT}`);
    await says(`portal-restore ${PORT}`);
    expect(san.san.host(HOST1).paths.filter(({ state }) => state === "unmapped")).toHaveLength(3);
    expect(await refused("portal-fail 10.0.0.9")).toContainEqual(expect.stringContaining(`${PORT}, `));
  });
});

describe("host-down and host-up", () => {
  it("switch a host off and on", async () => {
    expect(await says(`host-down ${HOST2}`)).toBe(`${HOST2} is down.`);
    await expect(logIn(san, HOST2)).rejects.toThrow(/ECONNREFUSED/);
    expect(await says(`host-down ${HOST2}`)).toBe(`${HOST2} is already down.`);
    expect(broken()).toContain(`${HOST2} is down: host-up ${HOST2}`);
    await says(`host-up ${HOST2}`);
    (await logIn(san, HOST2)).close();
    expect(await says(`host-up ${HOST2}`)).toBe(`${HOST2} is already up.`);
  });

  it("hold over a restart of the simulation", async () => {
    const directory = await mkdtemp(join(tmpdir(), "zstack-san-"));
    try {
      const first = await startSimulatedHosts({ directory });
      await new SanWords(first, () => []).apply(`host-down ${HOST2}`);
      await first.stop();
      const second = await startSimulatedHosts({ directory });
      await expect(logIn(second, HOST2)).rejects.toThrow(/ECONNREFUSED/);
      await new SanWords(second, () => []).apply(`host-up ${HOST2}`);
      (await logIn(second, HOST2)).close();
      await second.stop();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe("lease-lost and lease-restore", () => {
  const spaces = async () => (await login.run(["sanlock", "client", "status", "-D"])).stdout;

  it("lose the lockspace as sanlock does: it is gone, or dead while a volume is active", async () => {
    await sharedGroup();
    expect(await spaces()).toContain("s lvm_ps1:1");
    expect(await says(`lease-lost ${HOST1}`)).toBe(
      `${HOST1} has not renewed its lease for 100 s: its lockspace is lost.`,
    );
    expect(await spaces()).not.toContain("s lvm_ps1");
    await says(`lease-restore ${HOST1}`);
    san.volumes.create("ps1", { name: "vol-1", sizeBytes: 2 ** 28 });
    san.volumes.activate("ps1", "vol-1", HOST1);
    await says(`lease-lost ${HOST1}`);
    expect(await spaces()).toMatch(/s lvm_ps1[\s\S]*space_dead=1/);
    expect(broken()).toContain(`${HOST1} has lost its lease: lease-restore ${HOST1}`);
    await restoresAll();
    expect(await spaces()).toMatch(/s lvm_ps1[\s\S]*space_dead=0/);
  });

  it("are refused on a host without a lease", async () => {
    expect(await refused(`lease-lost ${HOST1}`)).toEqual([
      `LOCK_STATE  The lease of ${HOST1} can't be lost`,
      "• it has no lease",
      "Fix: add a storage to its cluster, or reconnect it",
    ]);
    expect(await says(`lease-restore ${HOST1}`)).toBe(`${HOST1} has lost no lease.`);
  });
});

describe("grow", () => {
  it("makes a LUN larger on the array only, until a host reads its size again", async () => {
    expect(await says(`grow ${luns.blank} 3T`)).toBe(
      "LUN …b82173 has 3.0T on the array. Hosts have the earlier size until they read it again. `host rescan` reads it.",
    );
    expect((await login.run(["sg_readcap", "--brief", "--readonly", "/dev/sdc"])).stdout).toContain(
      "0x180000000 0x200",
    );
    expect(san.san.host(HOST1).paths.find(({ device }) => device === "sdc")?.sizeBytes).toBeLessThan(3 * 1024 ** 4);
    expect(broken()).toEqual([fromBegin(HOST1), fromBegin(HOST2), fromBegin("sharedblock-host3")]);
  });

  it("is refused for what makes no LUN larger", async () => {
    expect(await refused(`grow ${luns.blank} 1G`)).toEqual([
      "SIZE_UNCLEAR  LUN …b82173 can't grow to 1.0G",
      "• it has 2.0T, and an array makes no LUN smaller",
      expect.stringMatching(/^Fix: type a larger size: grow 36f011af000d5c3e70000166e5ab82173 20\d\dG$/),
    ]);
    for (const size of ["much", "-3T", "3X", "0"]) {
      expect((await refused(`grow ${luns.blank} ${size}`))[1]).toBe(
        `• SIZE ${JSON.stringify(size)} must be a size such as 3T or 500G`,
      );
    }
  });
});

describe("fill", () => {
  const free = async () => {
    const report = ["vgs", "--shared", "--units", "b", "--nosuffix", "--noheadings", "-o", "vg_name,vg_size,vg_free"];
    const [, size, left] = /ps1 +(\d+) +(\d+)/.exec((await login.run(["vgs", ...report.slice(1)])).stdout) ?? [];
    return Math.round((1 - Number(left) / Number(size)) * 100);
  };

  it("fills a storage to a percentage, more or less than before, and empties it again", async () => {
    await sharedGroup();
    for (const percent of [96, 81.5, 100, 50]) {
      expect(await says(`fill ps-1 ${percent}%`)).toBe(`ps-1 is ${percent} % full.`);
      expect(await free()).toBe(Math.round(percent));
    }
    expect(broken()).toContain("ps-1 is filled: fill ps-1 0");
    san.volumes.create("ps1", { name: "vol-1", sizeBytes: 2 ** 39 });
    expect(await says("fill ps1 0")).toMatch(/^ps-1 is 2\d(\.\d)? % full: its own volumes use that\.$/);
    expect(san.volumes.names("ps1")).toEqual(["vol-1"]);
  });

  it("names the storages and the percentages that there are", async () => {
    expect(await refused("fill ps-2 80")).toEqual([
      'NOT_FOUND  There is no storage "ps-2"',
      "• the simulated SAN has no such storage",
      "Fix: type one of: ps-1, vg_archive",
    ]);
    expect((await refused("fill vg_archive 101"))[1]).toBe('• PERCENT "101" must be a number from 0 to 100');
  });
});

describe("unmap and map", () => {
  it("leave dead disks that work again if the LUN is mapped", async () => {
    await says(`unmap ${HOST1} ${luns.blank}`);
    expect(await pathStates()).toContain("sdc failed faulty");
    expect(broken()).toContain(`…b82173 is not offered to ${HOST1}: map ${HOST1} ${luns.blank}`);
    expect(await refused(`path-restore ${HOST1} ${luns.blank} sdc`)).toContain(
      `Fix: first type map ${HOST1} ${luns.blank}`,
    );
    expect(await says(`map ${HOST1} ${luns.blank}`)).toContain("3 of 3 paths work.");
    expect(await pathStates()).toContain("sdc active ready");
  });

  it("need a scan if the host has deleted its dead disks", async () => {
    await says(`unmap ${HOST1} ${luns.blank}`);
    await login.run(["multipath", "-f", "mpathb"]);
    const files = ["sdc", "sdf", "sdi"].map((disk) => `/sys/block/${disk}/device/delete`);
    await login.run(["tee", "--", ...files], { stdin: "1\n" });
    const scan = () => login.run(["tee", "--", "/sys/class/scsi_host/host0/scan"], { stdin: "- - -\n" });
    await scan();
    expect(await pathStates()).not.toContainEqual(expect.stringMatching(/^sdc /));
    expect(await says(`map ${HOST1} ${luns.blank}`)).toContain("after a scan");
    await scan();
    expect(await pathStates()).toContain("sdc active ready");
  });

  it("refuse to withhold what the host does not have", async () => {
    expect(await refused(`unmap sharedblock-host3 ${luns.notEverywhere}`)).toContain("• the host has no path to it");
  });
});

it("the words without any name the hosts, the portals and what is broken", () => {
  const usage = words.usage();
  for (const shown of ["  grow WWID SIZE", HOST2, PORT, `${tutorialIscsi.portals[0]}:3260`, "path-restore"]) {
    expect(usage).toContain(shown);
  }
});

it("all that is broken is restored by the words that are offered for it", async () => {
  const hosts = san.hosts.map(({ name }) => name);
  const some = [luns.blank, luns.orphan, luns.failedPath];
  const of = fc.tuple(fc.constantFrom(...hosts), fc.constantFrom(...some));
  const word = fc.oneof(
    fc
      .tuple(of, fc.constantFrom("sdb", "sdc", "sdd", "sdt"))
      .map(([names, disk]) => `path-fail ${names.join(" ")} ${disk}`),
    fc.constantFrom("0", "1", "2").map((target) => `portal-fail 0x590b11c0463f8e0${target}`),
    fc.constantFrom(...hosts).map((host) => `host-down ${host}`),
    of.map((names) => `unmap ${names.join(" ")}`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (sequence) => {
      for (const each of sequence) await says(each).catch((error: unknown) => expect(error).toBeInstanceOf(Refusal));
      // What a host without power has is seen once it is up again.
      await restoresAll();
      await restoresAll();
      expect(words.choices().broken).toEqual([]);
      const states = san.san.state.hosts.flatMap(({ paths }) => paths.map(({ state }) => state));
      expect(new Set(states)).toEqual(new Set(["running"]));
      for (const host of hosts) for (const wwid of some) san.array.map(wwid, host);
    }),
    { numRuns: 30, endOnFailure: true },
  );
});
