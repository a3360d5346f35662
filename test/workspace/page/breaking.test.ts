import { beforeAll, describe, expect, it } from "vitest";
import { largeSan } from "../../../src/simulator/san/large-san.ts";
import { tutorialLuns as luns } from "../../../src/simulator/san/tutorial-san.ts";
import { startSimulatedHosts } from "../../../src/simulator/simulated-hosts.ts";
import { SanWords } from "../../../src/simulator/words/san-words.ts";
import { breakages, optionsOf, settled, wordsOf } from "../../../src/workspace/page/breaking.ts";
import { type San, sanSchema } from "../../../src/workspace/page-protocol.ts";

const HOST1 = "sharedblock-host1";
const HOST2 = "sharedblock-host2";
const breakageOf = (word: string) => breakages.find((one) => one.word === word) ?? breakages[0];

describe("the panel that breaks the SAN", () => {
  let san: San;
  let after: San;
  beforeAll(async () => {
    const hosts = await startSimulatedHosts({ directory: null });
    const words = new SanWords(hosts, () => [{ name: "archive", volumeGroup: "vg_archive" }]);
    san = sanSchema.parse(words.choices());
    for (const { restore } of san.broken) await words.apply(restore);
    await words.apply(`host-down ${HOST1}`);
    for (const path of ["sdc", "sdf", "sdi"]) await words.apply(`path-fail ${HOST2} ${luns.blank} ${path}`);
    await words.apply("portal-fail 0x590b11c0463f8e02");
    after = sanSchema.parse(words.choices());
    await hosts.stop();
  });

  it("offers words that the SAN takes, with the first of everything that works", async () => {
    const hosts = await startSimulatedHosts({ directory: null });
    const words = new SanWords(hosts, () => [{ name: "archive", volumeGroup: "vg_archive" }]);
    for (const breakage of breakages.filter(({ word }) => word !== "lease-lost")) {
      const now = sanSchema.parse(words.choices());
      const typed = wordsOf(breakage, settled(breakage, {}, now));
      expect(typed, breakage.word).not.toBeNull();
      await words.apply(typed ?? "");
    }
    // What a host without power has is seen once it is up again.
    for (const { restore } of words.choices().broken) await words.apply(restore);
    for (const { restore } of words.choices().broken) await words.apply(restore);
    expect(words.choices().broken).toEqual([]);
    await hosts.stop();
  });

  it("leaves out what is broken already", () => {
    const pathFail = breakageOf("path-fail");
    expect(optionsOf("host", pathFail, {}, after).map(({ value }) => value)).toEqual([HOST2, "sharedblock-host3"]);
    const offered = optionsOf("lun", pathFail, { host: HOST2 }, after).map(({ value }) => value);
    expect(offered).not.toContain(luns.blank);
    expect(offered).toContain(luns.orphan);
    expect(optionsOf("path", pathFail, { host: HOST2, lun: luns.orphan }, after)).toHaveLength(2);
    expect(optionsOf("portal", breakageOf("portal-fail"), {}, after).map(({ value }) => value)).not.toContain(
      "0x590b11c0463f8e02",
    );
  });

  it("keeps a choice while it exists, and takes the first of the others", () => {
    const pathFail = breakageOf("path-fail");
    const chosen = settled(pathFail, { host: HOST2, lun: luns.orphan, path: "sdg" }, san);
    expect(chosen).toEqual({ host: HOST2, lun: luns.orphan, path: "sdg" });
    expect(settled(pathFail, { ...chosen, lun: luns.mounted }, san).path).not.toBe("sdg");
    expect(settled(pathFail, { host: HOST1 }, after).host).toBe(HOST2);
  });

  it("has no words for what nothing can be chosen for, or with a blank in a value", () => {
    const lease = breakageOf("lease-lost");
    expect(wordsOf(lease, settled(lease, {}, san))).toBeNull();
    const fill = breakageOf("fill");
    expect(wordsOf(fill, settled(fill, {}, san))).toBe("fill archive 96");
    expect(wordsOf(fill, { storage: "archive", percent: "9 6" })).toBeNull();
    const grow = breakageOf("grow");
    expect(wordsOf(grow, settled(grow, { lun: luns.blank }, san))).toBe(`grow ${luns.blank} 4096G`);
  });

  it("has a choice for each LUN of a large SAN", async () => {
    const hosts = await startSimulatedHosts({ directory: null, seed: largeSan(3, 20) });
    const large = sanSchema.parse(new SanWords(hosts, () => []).choices());
    expect(optionsOf("lun", breakageOf("unmap"), { host: "bench-host2" }, large)).toHaveLength(20);
    await hosts.stop();
  });
});
