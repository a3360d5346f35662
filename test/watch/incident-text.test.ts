import { describe, expect, it } from "vitest";
import { causesOf } from "../../src/watch/cause.ts";
import { ElementIndex } from "../../src/watch/element-index.ts";
import { hostElements } from "../../src/watch/elements.ts";
import { allFindings, causeText, leftText } from "../../src/watch/incident-text.ts";
import { nextRound, usualDamping } from "../../src/watch/incidents.ts";
import { learned } from "../../src/watch/known.ts";
import { isSilent, type Observed } from "../../src/watch/sample.ts";
import { finding } from "./sample-findings.ts";
import { inventory, LUN, OTHER_LUN, sample, watchedPath } from "./watched-host.ts";

/** The incidents as their messages begin. */
function said(observed: readonly Observed[]): string[] {
  const index = new ElementIndex();
  for (const host of inventory.hosts) {
    const healthy = sample(host.name === "host1" ? 1 : 2);
    const known = learned(null, healthy, new Set([LUN]));
    const now = observed.find(({ hostUuid }) => hostUuid === host.uuid) ?? healthy;
    const after = isSilent(now) ? known : learned(known, now, new Set([LUN]));
    index.set(host.uuid, hostElements({ host, observed: now, known: after }, new Map(), inventory, now.atMs), now.atMs);
  }
  const causes = causesOf(index.failing(), index);
  const { incidents } = nextRound([], causes, 0, { damping: usualDamping, newId: () => "inc-1" });
  return incidents.map((incident) =>
    `${causeText(incident, inventory)}. ${leftText(allFindings(incident)) ?? ""}`.trim(),
  );
}
const failing = (luns: readonly string[], ports: readonly number[]) =>
  [LUN, OTHER_LUN].flatMap((lun) =>
    [1, 2].map((port) => watchedPath(lun, port, !(luns.includes(lun) && ports.includes(port)))),
  );
const both = (paths: ReturnType<typeof failing>): Observed[] => [sample(1, { paths }), sample(2, { paths })];

describe("an incident's message begins with its cause:", () => {
  it("a path", () => {
    expect(said([sample(1, { paths: failing([LUN], [1]) })])).toEqual([
      "Path sd1 of LUN …bbe00a on host1 through 10.0.0.1:3260: failed faulty. LUN …bbe00a still has 1 path.",
    ]);
  });
  it("a LUN that is new on all hosts, which has not failed", () => {
    const third = "36b083fe000daf018000015505abbe00c";
    const later = [sample(1), sample(2)].map((each) => ({
      ...each,
      atMs: 1_000,
      paths: [...(each.paths ?? []), watchedPath(third, 1)],
    }));
    expect(said(later)).toEqual(["LUN …bbe00c is new on host1, 1.00 TB, and the same on 1 more."]);
  });
  it("LUNs of one array that are new together, also if a host sees one later", () => {
    const [third, fourth] = ["36b083fe000daf018000015505abbe00c", "36b083fe000daf018000015505abbe00d"];
    const more = (host: 1 | 2, atMs: number, ...wwids: string[]) => {
      const before = sample(host);
      const paths = [...(before.paths ?? []), ...wwids.map((wwid) => watchedPath(wwid, 1))];
      return { ...before, atMs, paths };
    };
    const array = "iqn.2026-11.example:array";
    expect(said([more(1, 1_000, third, fourth), more(2, 2_000, third)])).toEqual([
      `LUN …bbe00c, LUN …bbe00d of array ${array} are new.`,
    ]);
  });
  it("a portal", () => {
    expect(said(both(failing([LUN, OTHER_LUN], [1])))).toEqual([
      "Portal 10.0.0.1:3260 does not answer: 4 paths of 2 LUNs on 2 hosts. Every LUN still has 1 path.",
    ]);
  });
  it("a LUN", () => {
    expect(said(both(failing([LUN], [1, 2])))).toEqual([
      "LUN …bbe00a has failed on all hosts: 4 paths of 1 LUN on 2 hosts. LUN …bbe00a: no path left on 2 hosts.",
    ]);
  });
  it("the array", () => {
    expect(said(both(failing([LUN, OTHER_LUN], [1, 2])))).toEqual([
      "Array iqn.2026-11.example:array does not answer: 8 paths of 2 LUNs on 2 hosts. LUN …bbe00a, LUN …bbe00b: no path left on 2 hosts.",
    ]);
  });
  it("the bot's own network", () => {
    const silent = (host: 1 | 2): Observed => ({ hostUuid: sample(host).hostUuid, atMs: 0, silence: "timed out" });
    expect(said([silent(1)])).toEqual(["host1 does not answer: timed out."]);
    expect(said([silent(1), silent(2)])).toEqual(["The bot can't reach any host: check the bot's own network."]);
  });
  it("a storage with old leases", () => {
    const storage = { leaseAgeS: 45 };
    expect(said([sample(1, { storage }), sample(2, { storage })])).toEqual([
      "ps-1: host1 renewed its sanlock lease for ps-1 45 s ago, and must every 20 s, and the same on 1 more.",
    ]);
  });
});

describe("a cause in several parts names them", () => {
  const ARRAY = "iqn.2026-11.example:array";
  const [host1 = "", host2 = ""] = inventory.hosts.map(({ uuid }) => uuid);
  const path = (hostUuid: string, adapter: string, port?: string) => ({
    ...finding(`${hostUuid} ${adapter} ${port}`),
    ...{ hostUuid, wwid: LUN, adapter, ...(port !== undefined && { port }) },
  });
  const title = (id: string, findings: ReturnType<typeof path>[]) =>
    causeText({ scope: { kind: "several", id }, findings }, inventory).replace(/: \d+ paths? of .*/, "");
  const portals = (count: number, adapter = "host7") =>
    Array.from({ length: count }, (_, at) => path(host1, adapter, `10.0.0.${count - at}:3260`));
  it.each([
    [
      "two ports of a LUN",
      title(`LUN at a port/LUN/${LUN}`, [path(host1, "host1", "0x5002"), path(host2, "host1", "0x5001")]),
      "LUN …bbe00a is not reached through target ports 0x5001, 0x5002",
    ],
    [
      "three ports of an adapter, and how many more",
      title(`link/adapter/${host1} host7`, portals(12)),
      "Adapter host7 of host1 does not reach portals 10.0.0.1:3260, 10.0.0.2:3260, 10.0.0.3:3260 and 9 more",
    ],
    [
      "ports of an array",
      title(`port/array/${ARRAY} since 5`, portals(3)),
      `Portals 10.0.0.1:3260, 10.0.0.2:3260, 10.0.0.3:3260 of array ${ARRAY} do not answer`,
    ],
    [
      "a port of an array that is left",
      title(`port/array/${ARRAY} since 5`, portals(1)),
      `Portal 10.0.0.1:3260 of array ${ARRAY} does not answer`,
    ],
    [
      "adapters of one host",
      title(
        `adapter/host/paths ${host1}`,
        ["host10", "host9", "host8"].map((adapter) => path(host1, adapter)),
      ),
      "Adapters host8, host9, host10 of host1 reach nothing",
    ],
    [
      "adapters of several hosts",
      title(`adapter/array/${ARRAY}`, [path(host1, "host8"), path(host2, "host8"), path(host2, "host9")]),
      `Adapters host8 of host1, host8 of host2, host9 of host2 do not reach array ${ARRAY}`,
    ],
    [
      "adapters and the ports that they do not reach",
      title(`link/array/${ARRAY}`, [...portals(2, "host7"), ...portals(1, "host8")]),
      `Adapters host7, host8 of host1 do not reach portals 10.0.0.1:3260, 10.0.0.2:3260 of array ${ARRAY}`,
    ],
    [
      "none, if the findings are of an earlier version",
      title(`LUN at a port/LUN/${LUN}`, [{ ...finding("a"), hostUuid: host1, wwid: LUN } as ReturnType<typeof path>]),
      "LUN …bbe00a is not reached through some ports",
    ],
  ])("%s", (_, text, expected) => expect(text).toBe(expected));

  it("as the watch observes them", () => {
    const third = [LUN, OTHER_LUN].map((lun) => watchedPath(lun, 3));
    const all = [...failing([], []), ...third];
    const index = new ElementIndex();
    for (const host of inventory.hosts) {
      const number = host.name === "host1" ? 1 : 2;
      const known = learned(null, sample(number, { paths: all }), new Set([LUN]));
      const observed = sample(number, { atMs: 1, paths: [...failing([LUN], [1, 2]), ...third] });
      const after = learned(known, observed, new Set([LUN]));
      index.set(host.uuid, hostElements({ host, observed, known: after }, new Map(), inventory, 1), 1);
    }
    expect(causesOf(index.failing(), index).map((cause) => causeText(cause, inventory))).toEqual([
      "LUN …bbe00a is not reached through portals 10.0.0.1:3260, 10.0.0.2:3260: 4 paths of 1 LUN on 2 hosts",
    ]);
  });
});

describe("what is left", () => {
  const left = (...maps: readonly (readonly [lun: string, ...pathsLeft: readonly number[]])[]) =>
    leftText(
      maps.flatMap(([lun, ...each]) =>
        each.map((pathsLeft) => ({ ...finding(lun, "map degraded"), wwid: lun, pathsLeft })),
      ),
    );
  it.each([
    ["is one sentence if all have the same", left(["a", 1, 1], ["b", 1]), "Every LUN still has 1 path."],
    ["names the worst LUN first", left(["b", 2], ["c", 2, 2], ["a", 1]), "LUN …a still has 1 path; 2 LUNs have 2."],
    [
      "counts a LUN on the host with the fewest",
      left(["a", 3, 1], ["b", 2]),
      "LUN …a still has at least 1 path; LUN …b has 2.",
    ],
    [
      "names several worst ones",
      left(["a", 1], ["b", 1], ["c", 2], ["d", 3]),
      "LUN …a, LUN …b still have 1 path; LUN …c has 2; LUN …d has 3.",
    ],
    [
      "names lost ones before all",
      left(["a", 2], ["b", 0, 2], ["c", 1], ["d", 1]),
      "LUN …b: no path left on 1 host; 2 LUNs still have 1 path; LUN …a has 2.",
    ],
    ["is nothing if no map lacks paths", leftText([finding("x")]), null],
  ])("%s", (_, text, expected) => expect(text).toBe(expected));
});
