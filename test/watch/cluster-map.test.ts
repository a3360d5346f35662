import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts } from "../../src/core/facts.ts";
import { unknown } from "../../src/core/outcome.ts";
import { runToEnd } from "../../src/core/parts.ts";
import { Refusal, reason } from "../../src/core/refusal.ts";
import { pngOf } from "../../src/slack/png.ts";
import { clusterMapReply, headOf } from "../../src/watch/pictures/cluster-map.ts";
import { type ClusterMap, makingMap, type ObservedHost } from "../../src/watch/pictures/map-model.ts";
import { mapSvg } from "../../src/watch/pictures/map-svg.ts";
import type { WatchedPath } from "../../src/watch/sample.ts";
import { factsWith } from "./made-history.ts";
import { inventory, LUN, sample, watchedPath } from "./watched-host.ts";

const golden = join(import.meta.dirname, "golden");
const PORTALS = ["10.0.0.1:3260", "10.0.0.2:3260"];
const lunOf = (number: number): string => `36b083fe000daf018000015505abb${String(number).padStart(4, "0")}`;
const mapOf = (hosts: readonly ObservedHost[]): ClusterMap => runToEnd(makingMap(hosts, inventory));
const svgOf = (map: ClusterMap): string => mapSvg(map, "cluster-1", ["a link is down", "2026-11-29 12:00 UTC"]);

interface Cluster {
  readonly hosts: number;
  readonly luns: number;
  readonly ports?: readonly string[];
  readonly works?: (host: number, port: number, lun: number) => boolean;
  readonly silent?: readonly number[];
}
/** A cluster in which every host has a path through each port to each LUN. */
function clusterOf({ hosts, luns, ports = PORTALS, works = () => true, silent = [] }: Cluster): ObservedHost[] {
  const [first] = inventory.hosts;
  if (first === undefined) throw new Error("no host");
  return Array.from({ length: hosts }, (_, host) => {
    const paths = ports.flatMap((port, index) =>
      Array.from({ length: luns }, (_each, lun): WatchedPath => {
        const path = watchedPath(lunOf(lun), index + 1, works(host, index, lun));
        return { ...path, key: `${lunOf(lun)} via ${port}`, port };
      }),
    );
    const observed = silent.includes(host) ? { hostUuid: "", atMs: 0, silence: "timed out" } : sample(1, { paths });
    const uuid = String(host).padStart(32, "0");
    return { host: { ...first, uuid, name: `sharedblock-host${host + 1}` }, observed, gone: [] };
  });
}

describe("the map of a cluster", () => {
  it("shows which link of which host is down", async () => {
    const map = mapOf(clusterOf({ hosts: 3, luns: 2, works: (host, port) => host !== 1 || port !== 1 }));
    expect(map.failedLinks).toEqual([
      { host: "sharedblock-host2", adapter: "host2", port: "10.0.0.2:3260", paths: 2, failed: 2 },
    ]);
    expect(map.links.filter(({ failed, paths }) => failed === paths)).toHaveLength(1);
    expect(map.hosts.map(({ state }) => state)).toEqual(["works", "degraded", "works"]);
    await expect(svgOf(map)).toMatchFileSnapshot(join(golden, "map-3-hosts.svg"));
  });

  it("shows a hundred hosts in a few boxes: those that fail by name, the healthy ones as one", async () => {
    const works = (host: number, port: number, lun: number) => host !== 40 || port !== 1 || lun !== 7;
    const map = mapOf(clusterOf({ hosts: 100, luns: 100, works, silent: [77] }));
    expect(map.hosts.map(({ label, note }) => `${label}: ${note}`)).toEqual([
      "sharedblock-host41: 1/200 failed",
      "sharedblock-host78: no answer",
      "98 hosts: 19600 paths",
    ]);
    expect(map.luns.map(({ label }) => label)).toEqual(["…bb0007", "99 LUNs"]);
    await expect(svgOf(map)).toMatchFileSnapshot(join(golden, "map-100-hosts.svg"));
  });

  it("shows a port that fails for all its hosts as one link", () => {
    const map = mapOf(clusterOf({ hosts: 100, luns: 8, works: (_, port) => port === 0 }));
    expect(map.failedLinks).toEqual([
      { host: "all 100", adapter: "all", port: "10.0.0.2:3260", paths: 800, failed: 800 },
    ]);
    expect(map.hosts).toHaveLength(1);
    expect(map.ports.map(({ state }) => state)).toEqual(["works", "failed"]);
  });

  it("says that a LUN has no path on a host", () => {
    const map = mapOf(clusterOf({ hosts: 2, luns: 2, works: (host, _, lun) => host !== 0 || lun !== 1 }));
    expect(map.luns.map(({ note, state }) => [note, state])).toEqual([
      ["4 paths", "works"],
      ["no path on a host", "failed"],
    ]);
  });

  it("misses the paths that a host had and does not show any more", () => {
    const [host] = clusterOf({ hosts: 1, luns: 1, ports: ["10.0.0.1:3260"] });
    if (host === undefined) throw new Error("no host");
    const map = mapOf([{ ...host, gone: [{ via: "10.0.0.2:3260", wwid: lunOf(0) }] }]);
    expect(map.failedLinks).toEqual([
      { host: "sharedblock-host1", adapter: "gone", port: "10.0.0.2:3260", paths: 1, failed: 1 },
    ]);
  });

  it("names the storage that owns a LUN", () => {
    const [host] = inventory.hosts;
    if (host === undefined) throw new Error("no host");
    const { luns } = mapOf([{ host, observed: sample(1), gone: [] }]);
    expect(luns.map(({ label, note }) => [label, note])).toEqual([
      [`…${LUN.slice(-6)}`, "ps-1"],
      ["…bbe00b", "2 paths"],
    ]);
  });

  it("has no more boxes than a phone shows, each link has its boxes, and its SVG has only known characters", () => {
    const cluster = fc.record({
      hosts: fc.integer({ min: 1, max: 30 }),
      luns: fc.integer({ min: 0, max: 25 }),
      failed: fc.array(fc.tuple(fc.nat(29), fc.nat(1), fc.nat(24)), { maxLength: 60 }),
      silent: fc.array(fc.nat(29), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(cluster, ({ hosts, luns, failed, silent }) => {
        const down = new Set(failed.map(String));
        const works = (...path: number[]) => !down.has(String(path));
        const map = mapOf(clusterOf({ hosts, luns, works, silent }));
        for (const column of [map.hosts, map.ports, map.luns]) expect(column.length).toBeLessThanOrEqual(13);
        const ids = new Set(
          [...map.hosts.flatMap(({ adapters }) => adapters), ...map.ports, ...map.luns].map(({ id }) => id),
        );
        expect(map.links.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
        const sum = (values: readonly { readonly failed: number }[]) =>
          values.reduce((all, each) => all + each.failed, 0);
        expect(sum(map.links)).toBe(2 * sum(map.failedLinks));
        expect(svgOf(map)).not.toMatch(/NaN|undefined|[^\x20-\x7e\n…–·]/);
      }),
      { numRuns: 30 },
    );
  });

  it("fits names of 60 characters", () => {
    const hosts = clusterOf({ hosts: 3, luns: 1, works: (host) => host !== 1 }).map(({ host, ...rest }) => ({
      ...rest,
      host: { ...host, name: `${"storage-rack-".repeat(4)}${host.name}`.slice(-60) },
    }));
    const svg = mapSvg(mapOf(hosts), "x".repeat(60), ["1 link down", "now"]);
    const texts = [...svg.matchAll(/font-size="(\d+)"[^>]*>([^<]*)</g)];
    // A character of this font is at most 0.7 of its size wide.
    for (const [, size, text = ""] of texts) expect(text.length * 0.7 * Number(size)).toBeLessThan(760);
    expect(svg).toContain("rage-");
  });

  it("becomes a PNG with words in it: the font comes with the bot", async () => {
    const svg = svgOf(mapOf(clusterOf({ hosts: 3, luns: 2 })));
    const [whole, wordless] = await Promise.all([pngOf(svg), pngOf(svg.replaceAll(/<text.*<\/text>/g, ""))]);
    expect(Buffer.from(whole.subarray(1, 4)).toString()).toBe("PNG");
    const header = new DataView(whole.buffer, whole.byteOffset);
    expect(header.getUint32(16)).toBe(1140);
    expect(whole.length).toBeGreaterThan(wordless.length * 1.5);
  }, 120_000);
});

describe("cluster map", () => {
  /** No host answers. */
  const reply = (read: Facts["history"]["read"] = async () => []) => {
    const gather = async (_: unknown, reads: object) =>
      Object.fromEntries(Object.keys(reads).map((key) => [key, unknown("timed out")]));
    return clusterMapReply({ cluster: "cluster-1" }, {
      ...factsWith([]),
      history: { read },
      gather,
    } as unknown as Facts);
  };

  it("says that no host answers, in its title and to people who don't see the picture", async () => {
    const made = await reply();
    expect(made).toMatchObject({ title: "cluster-1: no host answers", tone: "bad" });
    expect(made.files?.[0]?.altText).toContain("No answer: host1, host2.");
  });

  it("counts a port that fails for all its hosts once, apart from single links", () => {
    const title = (works: (host: number, port: number) => boolean) => {
      const hosts = clusterOf({ hosts: 2, luns: 2, works });
      return headOf("cluster-1", mapOf(hosts)).title;
    };
    expect(title((_, port) => port !== 0)).toBe("cluster-1: 1 port down");
    expect(title((host, port) => port !== 0 || host !== 0)).toBe("cluster-1: 1 link down");
    expect(title((host, port) => port === 0 || host !== 0)).toBe("cluster-1: 1 link down");
  });

  it("is drawn without the history if that can't be read, and says so", async () => {
    const made = await reply(async () => {
      throw new Refusal("The history can't be read", reason("DATA_FOLDER_UNUSABLE", "names.log: EIO", "fix it"));
    });
    expect(JSON.stringify(made.parts)).toContain("Paths that are gone are not shown. ");
    expect(JSON.stringify(made.parts)).toContain("names.log: EIO");
  });
});
