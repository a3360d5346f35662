import { describe, expect, it } from "vitest";
import { hasWorsened } from "../../src/core/finding.ts";
import { changedKeyText } from "../../src/core/host-key.ts";
import type { Incident } from "../../src/core/incident.ts";
import { type Cause, causesOf } from "../../src/watch/cause.ts";
import { ElementIndex } from "../../src/watch/element-index.ts";
import { hostElements } from "../../src/watch/elements.ts";
import { causeText } from "../../src/watch/incident-text.ts";
import { nextRound, usualDamping } from "../../src/watch/incidents.ts";
import { type Known, learned } from "../../src/watch/known.ts";
import { isSilent, type Observed, storagesOn, type WatchedPath } from "../../src/watch/sample.ts";
import { capacityElement } from "../../src/watch/storage-elements.ts";
import { inventory, LUN, OTHER_LUN, sample, watchedPath } from "./watched-host.ts";

/** What the watch makes of observations of its two hosts, one after another. */
function causesAfter(...rounds: readonly (readonly Observed[])[]): Cause[] {
  const index = new ElementIndex();
  const known = new Map<string, Known>();
  for (const observed of rounds.flat()) {
    const host = inventory.hosts.find(({ uuid }) => uuid === observed.hostUuid);
    if (host === undefined) throw new Error("no such host");
    if (!isSilent(observed)) known.set(host.uuid, learned(known.get(host.uuid) ?? null, observed, new Set([LUN])));
    const watched = { host, observed, known: known.get(host.uuid) ?? null };
    index.set(host.uuid, hostElements(watched, index.of(host.uuid), inventory, observed.atMs), observed.atMs);
    const [storage] = inventory.primaryStorages;
    if (isSilent(observed) || storage === undefined) continue;
    const capacity = capacityElement(storage, host, observed);
    if (capacity) index.set(storage.uuid, new Map([["capacity", capacity]]), observed.atMs);
  }
  return causesOf(index.failing(), index);
}
const said = (causes: readonly Cause[]) => causes.map((cause) => causeText(cause, inventory));
const told = (causes: readonly Cause[]): string[] =>
  causes.map(
    ({ scope, severity, findings }) => `${severity} ${scope.kind}: ${findings.map(({ text }) => text).join("; ")}`,
  );

const healthy = [sample(1), sample(2)];
const without = (port: number) =>
  [1, 2].flatMap((each) => [watchedPath(LUN, each, each !== port), watchedPath(OTHER_LUN, each, each !== port)]);
const silent = (host: 1 | 2): Observed => ({ hostUuid: sample(host).hostUuid, atMs: 1, silence: "connection refused" });

describe("what a host shows", () => {
  it("is nothing if everything works", () => {
    expect(told(causesAfter(healthy))).toEqual([]);
  });
  it("names a failed path, and what its map has left", () => {
    const paths = [watchedPath(LUN, 1, false), watchedPath(LUN, 2)];
    expect(
      told(
        causesAfter(healthy, [sample(1, { paths: [...paths, watchedPath(OTHER_LUN, 1), watchedPath(OTHER_LUN, 2)] })]),
      ),
    ).toEqual([
      "warning path: Path sd1 of LUN …bbe00a on host1 through 10.0.0.1:3260: failed faulty; LUN …bbe00a on host1: 1/2 paths",
    ]);
  });
  it("is one port if the paths through it fail on all hosts", () => {
    const causes = causesAfter(healthy, [sample(1, { paths: without(1) }), sample(2, { paths: without(1) })]);
    expect(causes.map(({ scope, severity, findings }) => [scope.kind, scope.id, severity, findings.length])).toEqual([
      ["port", "10.0.0.1:3260", "warning", 8],
    ]);
  });
  it("is critical if a LUN of a storage has no path left", () => {
    const paths = [
      watchedPath(LUN, 1, false),
      watchedPath(LUN, 2, false),
      watchedPath(OTHER_LUN, 1),
      watchedPath(OTHER_LUN, 2),
    ];
    const [cause, ...others] = causesAfter(healthy, [sample(1, { paths })]);
    expect(others).toEqual([]);
    expect([cause?.scope.kind, cause?.severity]).toEqual(["LUN on a host", "critical"]);
    expect(cause?.findings.map(({ text }) => text)).toContain("LUN …bbe00a on host1: no path left");
  });
  it("names a LUN that is gone, though nothing is seen of it any more", () => {
    const paths = [watchedPath(OTHER_LUN, 1), watchedPath(OTHER_LUN, 2)];
    const [cause] = causesAfter(healthy, [sample(1, { paths }), sample(2, { paths })]);
    expect([cause?.scope.kind, cause?.scope.id, cause?.severity]).toEqual(["LUN", LUN, "critical"]);
    expect(cause?.findings.map(({ text }) => text)).toContain("LUN …bbe00a on host2: not seen any more");
  });
  it("has a lost lease and its LUN without paths as one cause", () => {
    const paths = [
      watchedPath(LUN, 1, false),
      watchedPath(LUN, 2, false),
      watchedPath(OTHER_LUN, 1),
      watchedPath(OTHER_LUN, 2),
    ];
    const causes = causesAfter(healthy, [sample(1, { paths, storage: { lock: "dead", group: null } })]);
    expect(causes.map(({ scope }) => scope.kind)).toEqual(["LUN on a host"]);
    expect(causes[0]?.findings.map(({ kind }) => kind)).toContain("lease lost");
  });
  it("has a lease that is old on all hosts as a fact of the storage", () => {
    const old = { storage: { leaseAgeS: 45 } };
    expect(told(causesAfter([sample(1, old), sample(2, old)])).map((text) => text.split(":")[0])).toEqual([
      "warning storage",
    ]);
  });
  it("names both keys of a host that shows another one", () => {
    const changed = { host: "host1", presented: "SHA256:new", trusted: "SHA256:old" };
    const silence = `connecting host1:22: ${changedKeyText(changed)}`;
    const [cause] = causesAfter(healthy, [{ ...silent(1), silence }]);
    expect(cause?.findings.map(({ text }) => text)).toEqual([
      "host1 shows another SSH host key (SHA256:new, trusted is SHA256:old)",
    ]);
  });
  it("has one silent host as a host, and all silent hosts as the bot's network", () => {
    expect(causesAfter(healthy, [silent(1)]).map(({ scope }) => scope.kind)).toEqual(["host"]);
    expect(causesAfter(healthy, [silent(1), silent(2)]).map(({ scope }) => scope.kind)).toEqual(["bot"]);
  });
  it("keeps failed paths of a host that became silent: nobody knows that they work again", () => {
    const causes = causesAfter(
      healthy,
      [sample(1, { paths: without(1) }), sample(2, { paths: without(1) })],
      [silent(1)],
    );
    expect(causes.map(({ scope, findings }) => [scope.kind, findings.length])).toEqual([
      ["port", 8],
      ["host", 1],
    ]);
  });
  it("keeps a group with missing PVs while LVM is not asked", () => {
    const group = { sizeBytes: 10 ** 12, freeBytes: 5 * 10 ** 11, missing: 1 };
    const causes = causesAfter([sample(1, { storage: { group } })], [sample(1, { storage: { group: null } })]);
    expect(causes[0]?.findings.map(({ text }) => text)).toEqual(["volume group of ps-1 on host1 misses 1 of its PVs"]);
  });
  it("has a group as incomplete on those hosts only that miss a PV, also while LVM is not asked", () => {
    const group = (missing: number) => ({ storage: { group: { sizeBytes: 10 ** 12, freeBytes: 10 ** 12, missing } } });
    const notAsked = { storage: { group: null } } as const;
    const causes = causesAfter([sample(1, group(1)), sample(2, group(0))], [sample(1, notAsked), sample(2, notAsked)]);
    expect(causes.map(({ scope }) => scope.kind)).toEqual(["host"]);
    const all = causesAfter([sample(1, group(1)), sample(2, group(1))], [sample(1, notAsked), sample(2, notAsked)]);
    expect(all.map(({ scope }) => scope.kind)).toEqual(["storage"]);
  });
  it("names how full a storage is", () => {
    const group = { sizeBytes: 10 ** 12, freeBytes: 4 * 10 ** 10, missing: 0 };
    expect(told(causesAfter([sample(1, { storage: { group } }), sample(2, { storage: { group } })]))).toEqual([
      "critical storage: ps-1 is 96 % full: 40.0 GB of 1.00 TB free; ps-1 is over 90 %; ps-1 is over 80 %",
    ]);
  });
  it("has levels of its own for a storage, and each that is reached is a finding", () => {
    const group = { sizeBytes: 10 ** 12, freeBytes: 45 * 10 ** 10, missing: 0 };
    const [storage] = inventory.primaryStorages;
    const [host] = inventory.hosts;
    if (storage === undefined || host === undefined) throw new Error("no storage");
    const kindsAt = (levels: readonly [number, number, number]) =>
      capacityElement(storage, host, sample(1, { storage: { group } }), levels)?.findings.map(({ kind }) => kind);
    expect(kindsAt([56, 60, 70])).toEqual([]);
    expect(kindsAt([50, 60, 70])).toEqual(["storage filling"]);
    expect(kindsAt([40, 55, 70])).toEqual(["storage filling", "storage filling"]);
    expect(kindsAt([30, 40, 50])).toEqual(["storage full", "storage filling", "storage filling"]);
  });
  it("has a clock that is wrong on all hosts as the bot's clock", () => {
    expect(causesAfter([sample(1, { clockAheadMs: 5_000 }), sample(2)]).map(({ scope }) => scope.kind)).toEqual([
      "host",
    ]);
    expect(
      causesAfter([sample(1, { clockAheadMs: 5_000 }), sample(2, { clockAheadMs: 4_000 })]).map(
        ({ scope }) => scope.kind,
      ),
    ).toEqual(["bot"]);
  });
  it("names a LUN that is new, and one that grew, for a minute", () => {
    const fewer = sample(1, { paths: [watchedPath(LUN, 1), watchedPath(LUN, 2)] });
    expect(told(causesAfter([fewer], [sample(1, { atMs: 1_000 })]))).toEqual([
      "info LUN on a host: LUN …bbe00b is new on host1, 1.00 TB",
    ]);
    expect(told(causesAfter([fewer], [sample(1, { atMs: 1_000 })], [sample(1, { atMs: 70_000 })]))).toEqual([]);
    const grown = [1, 2].flatMap((port) => [
      { ...watchedPath(LUN, port), sizeBytes: 2 * 10 ** 12 },
      watchedPath(OTHER_LUN, port),
    ]);
    expect(told(causesAfter(healthy, [sample(1, { paths: grown })]))).toEqual([
      "info LUN on a host: LUN …bbe00a on host1: 1.00 TB before, 2.00 TB now",
    ]);
  });
  const withSize = (atS: number, tera: number) =>
    sample(1, {
      atMs: atS * 1_000,
      paths: [1, 2].flatMap((port) => [
        { ...watchedPath(LUN, port), sizeBytes: tera * 10 ** 12 },
        { ...watchedPath(OTHER_LUN, port), array: "iqn.2026-11.example:other", sizeBytes: tera * 10 ** 12 },
      ]),
    });
  it("lacks the end of a storage's LUN that shrank until its size is back", () => {
    const lacking = (tera: string) => [`critical LUN on a host: LUN …bbe00a on host1: 1.00 TB before, ${tera} now`];
    const half = [[withSize(0, 1)], [withSize(10, 0.5)]];
    expect(told(causesAfter(...half)).sort()).toEqual([
      ...lacking("500.0 GB"),
      "warning LUN on a host: LUN …bbe00b on host1: 1.00 TB before, 500.0 GB now",
    ]);
    const aDay = [...half, [withSize(80, 0.5)], [withSize(86_400, 0.5)]];
    expect(told(causesAfter(...aDay))).toEqual(lacking("500.0 GB"));
    const more = [...aDay, [withSize(86_500, 0.75)], [withSize(86_600, 0.75)]];
    expect(told(causesAfter(...more))).toEqual(lacking("750.0 GB"));
    expect(told(causesAfter(...more, [withSize(86_700, 1)], [withSize(86_800, 1)]))).toEqual([]);
    expect(told(causesAfter(...more, [withSize(86_700, 2)])).filter((text) => text.includes("bbe00a"))).toEqual([
      "info LUN on a host: LUN …bbe00a on host1: 1.00 TB before, 2.00 TB now",
    ]);
  });
  const bothAt = (host: 1 | 2, atS: number, ...[first, second]: readonly [number, number]) =>
    sample(host, {
      atMs: atS * 1_000,
      paths: [1, 2].flatMap((port) => [
        { ...watchedPath(LUN, port), sizeBytes: first * 10 ** 12 },
        { ...watchedPath(OTHER_LUN, port), sizeBytes: second * 10 ** 12 },
      ]),
    });
  it("has LUNs of one array that change size together as one cause, also if a host reads one later", () => {
    const before = [bothAt(1, 0, 1, 1), bothAt(2, 0, 1, 1)];
    const array = "LUN …bbe00a, LUN …bbe00b of array iqn.2026-11.example:array";
    const smaller = causesAfter(before, [bothAt(1, 10, 0.5, 0.5)], [bothAt(2, 30, 0.5, 1)]);
    expect(said(smaller)).toEqual([`${array} became smaller`]);
    expect(smaller.map(({ severity, findings }) => [severity, findings.length])).toEqual([["critical", 3]]);
    expect(said(causesAfter(before, [bothAt(1, 10, 2, 2)]))).toEqual([`${array} became larger`]);
    // Each is a change of its own: one LUN alone, in another direction, at another time.
    expect(said(causesAfter(before, [bothAt(1, 10, 2, 1), bothAt(2, 10, 2, 1)]))).toEqual([
      "LUN …bbe00a on host1: 1.00 TB before, 2.00 TB now, and the same on 1 more",
    ]);
    expect(causesAfter(before, [bothAt(1, 10, 2, 0.5)])).toHaveLength(2);
    expect(causesAfter(before, [bothAt(1, 10, 0.5, 1)], [bothAt(1, 100, 0.5, 0.5)])).toHaveLength(2);
  });
  const group = (percent: number, missing = 0) =>
    sample(1, { storage: { group: { sizeBytes: 10 ** 12, freeBytes: (100 - percent) * 10 ** 10, missing } } });
  const volume = (used: number) =>
    sample(1, {
      storage: {
        volumes: [{ kind: "thin pool", name: "pool", fills: [{ of: "data", used, total: 100 }], fault: null }],
      },
    });
  const outside = (...ports: readonly number[]) =>
    sample(1, {
      paths: [1, 2, 3].map((port) => ({ ...watchedPath(LUN, port), ...(ports.includes(port) && { map: null }) })),
    });
  const failed = (...ports: readonly number[]) =>
    sample(1, { paths: [1, 2, 3, 4].map((port) => watchedPath(LUN, port, !ports.includes(port))) });
  const clock = (aheadMs: number) => sample(1, { clockAheadMs: aheadMs });
  const lease = (leaseAgeS: number) => sample(1, { storage: { leaseAgeS } });
  it.each<[string, Observed, Observed, boolean]>([
    ["a LUN of a storage that shrinks again, by any size", withSize(10, 0.9), withSize(20, 0.89), true],
    ["a LUN that grows in part", withSize(10, 0.9), withSize(20, 0.95), false],
    ["a storage of 82 % at 89 %", group(82), group(89), false],
    ["a storage of 82 % at 91 %: the next level", group(82), group(91), true],
    ["a storage of 96 % at 97 %", group(96), group(97), false],
    ["a storage of 96 % at 98 %: half of its free space is gone", group(96), group(98), true],
    ["a storage of 99 % without space", group(99), group(100), true],
    ["a storage without space that stays so", group(100), group(100), false],
    ["a thin pool of 96 % at 97 %", volume(96), volume(97), false],
    ["a thin pool of 96 % without space", volume(96), volume(100), true],
    ["a group that misses one more PV", group(50, 1), group(50, 2), true],
    ["a group that misses one PV less", group(50, 2), group(50, 1), false],
    ["a clock at 1.5 times the difference", clock(4_000), clock(6_000), false],
    ["a clock at twice the difference", clock(4_000), clock(-8_000), true],
    ["a lease that gets older", lease(45), lease(80), false],
    ["a lease so old that its host is dead for sanlock", lease(45), lease(150), true],
    ["a map with one more path outside", outside(1), outside(1, 2), true],
    ["a map with two paths left of four", failed(1), failed(1, 2), false],
    ["a map with one path left of four", failed(1), failed(1, 2, 3), true],
  ])("measures how bad it is: %s", (_, first, later, isWorse) => {
    const begins = [[withSize(0, 1)], [outside()], [failed()]];
    const all = (...more: readonly (readonly Observed[])[]) =>
      causesAfter(...begins, ...more).flatMap(({ findings }) => findings);
    const [before, now] = [all([first]), all([first], [later])];
    expect(before.length).toBeGreaterThan(0);
    expect(now.map(({ key }) => key)).toEqual(expect.arrayContaining(before.map(({ key }) => key)));
    const worse = now.filter((each) => before.some((one) => one.key === each.key && hasWorsened(each, one)));
    expect(worse.length > 0).toBe(isWorse);
  });
  it("misses a path of a storage's LUN for good, and one of another LUN for a day", () => {
    const onePort = (atH: number) =>
      sample(1, { atMs: atH * 3_600_000, paths: [watchedPath(LUN, 1), watchedPath(OTHER_LUN, 1)] });
    expect(told(causesAfter(healthy, [onePort(1)])).join()).toContain("LUN …bbe00b on host1: 1/2 paths");
    expect(told(causesAfter(healthy, [onePort(1)], [onePort(25)], [onePort(1_000)]))).toEqual([
      "warning path: Path of LUN …bbe00a on host1 through 10.0.0.2:3260: gone; LUN …bbe00a on host1: 1/2 paths",
    ]);
  });
  it("has the new size of a LUN when all its paths have it, also if one of them fails then", () => {
    const sized = (port: number, tera: number) => ({ ...watchedPath(LUN, port), sizeBytes: tera * 10 ** 12 });
    const others = [watchedPath(OTHER_LUN, 1), watchedPath(OTHER_LUN, 2)];
    const partly = sample(1, { paths: [sized(1, 2), sized(2, 1), ...others] });
    const swapped = sample(1, { paths: [sized(2, 1), sized(1, 2), ...others] });
    expect(told(causesAfter(healthy, [partly], [swapped]))).toEqual([
      "warning LUN on a host: paths of LUN …bbe00a on host1 show different sizes: 1.00 TB (sd2), 2.00 TB (sd1)",
    ]);
    const failed = sample(1, {
      paths: [sized(1, 2), { ...sized(2, 1), works: false, state: "failed faulty" }, ...others],
    });
    expect(told(causesAfter(healthy, [failed])).join()).not.toContain("different sizes");
    const byBytes = sample(1, { paths: [sized(1, 1), { ...sized(2, 1), sizeBytes: 10 ** 12 + 1_000_000 }, ...others] });
    expect(told(causesAfter(healthy, [byBytes])).join()).toContain("1000000000000 B (sd1), 1000001000000 B (sd2)");
    const all = sample(1, { paths: [sized(1, 2), sized(2, 2), ...others] });
    expect(told(causesAfter(healthy, [partly], [all]))).toEqual([
      "info LUN on a host: LUN …bbe00a on host1: 1.00 TB before, 2.00 TB now",
    ]);
  });
  it("names two LUNs with one WWID: one port has two numbers for it", () => {
    const paths = [...(sample(1).paths ?? []), { ...watchedPath(LUN, 1), device: "sdx", hctl: "1:0:0:9" }];
    expect(told(causesAfter(healthy, [sample(1, { paths })]))).toEqual([
      "critical LUN on a host: two LUNs have the WWID of LUN …bbe00a on host1: sd1 at 1:0:0:1, sdx at 1:0:0:9",
    ]);
    const old = paths.map((path) => (path.device === "sdx" ? { ...path, works: false } : path));
    expect(told(causesAfter(healthy, [sample(1, { paths: old })])).filter((text) => text.includes("two LUNs"))).toEqual(
      [],
    );
  });
  it("names paths outside of their map, and a LUN without a map though its paths are there", () => {
    const others = [watchedPath(OTHER_LUN, 1), watchedPath(OTHER_LUN, 2)];
    const outside = (port: number): WatchedPath => ({ ...watchedPath(LUN, port), map: null, state: "undef undef" });
    const some = [outside(1), watchedPath(LUN, 2), ...others];
    expect(told(causesAfter(healthy, [sample(1, { paths: some })]))).toEqual([
      "warning LUN on a host: 1 of 2 paths of LUN …bbe00a on host1 are outside of its map: sd1",
    ]);
    const all = [outside(1), outside(2), ...others];
    expect(told(causesAfter(healthy, [sample(1, { paths: all })]))).toEqual([
      "critical LUN on a host: LUN …bbe00a on host1 has no map: 2 of 2 paths are there",
    ]);
    // The only path that its map has is the failed one.
    const neither = [outside(1), watchedPath(LUN, 2, false), ...others];
    expect(told(causesAfter(healthy, [sample(1, { paths: neither })]))).toContainEqual(
      expect.stringContaining("critical LUN on a host: LUN …bbe00a on host1 has no map: 1 of 2 paths are there"),
    );
  });
  it("names a LUN without a map once, and not for each host", () => {
    const paths = [1, 2].flatMap((port) => [
      { ...watchedPath(LUN, port), map: null, state: "undef undef" },
      watchedPath(OTHER_LUN, port),
    ]);
    expect(told(causesAfter(healthy, [sample(1, { paths }), sample(2, { paths })]))).toEqual([
      "critical LUN: LUN …bbe00a on host1 has no map: 2 of 2 paths are there; LUN …bbe00a on host2 has no map: 2 of 2 paths are there",
    ]);
  });
  it("is a link if an adapter reaches one of its ports no more, though other hosts reach it", () => {
    const over = (works: boolean): WatchedPath[] =>
      [LUN, OTHER_LUN].flatMap((wwid) =>
        [1, 2].map((port) => {
          const path = { ...watchedPath(wwid, port, works || port === 2), adapter: "host7", port: `0x500${port}` };
          return { ...path, key: `${wwid} via host7 ${path.port}` };
        }),
      );
    const both = [1, 2].map((host) => sample(host === 1 ? 1 : 2, { paths: over(true) }));
    expect(
      said(causesAfter(both, [sample(1, { atMs: 2, paths: over(false) }), { ...both[1], atMs: 2 } as Observed])),
    ).toEqual(["Target port 0x5001 is not reached through adapter host7 of host1: 2 paths of 2 LUNs on 1 host"]);
  });
  it("is not whole after a silence until its lockspace runs again, and names that as one cause", () => {
    const stopped = sample(1, { atMs: 3, storage: { lock: "none" } });
    const causes = causesAfter(healthy, [silent(1)], [stopped]);
    expect(causes.map(({ scope, findings }) => [scope.kind, findings.map(({ kind }) => kind)])).toEqual([
      ["host", ["lockspace stopped", "host unreachable"]],
    ]);
    expect(causesAfter(healthy, [silent(1)], [stopped], [sample(1, { atMs: 4 })])).toEqual([]);
  });
  it("has after its end that the host did not answer, not what of it was the last to work again", () => {
    const stopped = sample(1, { atMs: 3, storage: { lock: "none" } });
    const rounds = [[silent(1), sample(2, { atMs: 2 })], [stopped], [{ ...stopped, atMs: 4 }]].map((_, count, all) =>
      causesAfter(healthy, ...all.slice(0, count + 1)),
    );
    const round = (incidents: readonly Incident[], causes: readonly Cause[], nowMs: number) =>
      nextRound(incidents, causes, nowMs, {
        ...{ damping: usualDamping, newId: () => "inc-1" },
        says: (cause) => causeText(cause, inventory),
      }).incidents;
    let incidents: readonly Incident[] = [];
    for (const [count, causes] of rounds.entries()) incidents = round(incidents, causes, 20_000 * (count + 1));
    const [open] = incidents;
    expect(open && causeText(open, inventory)).toMatch(
      /^host1 was silent. It answers again, but not all of it works: /,
    );
    for (const nowMs of [80_000, 150_000]) incidents = round(incidents, [], nowMs);
    const [over] = incidents;
    expect(over && [over.state, causeText(over, inventory), over.atWorst?.text]).toEqual([
      ...["resolved", "host1 does not answer: connection refused", "host1 does not answer: connection refused"],
    ]);
  });
  it("names a lockspace that stopped, if the host had it before", () => {
    const stopped = { storage: { lock: "none" } } as const;
    expect(told(causesAfter(healthy, [sample(1, stopped)]))).toEqual([
      "warning host: host1 can't lock in ps-1: its lockspace does not run",
    ]);
    expect(told(causesAfter([sample(1, stopped), sample(2, stopped)]))).toEqual([]);
  });
  it("asks a host for no storage that only claims its LUNs: it has no volume group yet", () => {
    const [host] = inventory.hosts;
    const claimed = inventory.primaryStorages.map((storage) => ({
      ...storage,
      sharedBlocks: storage.sharedBlocks.map((block) => ({ ...block, addedAt: null })),
    }));
    expect(host && storagesOn(host, inventory)).toHaveLength(1);
    expect(host && storagesOn(host, { ...inventory, primaryStorages: claimed })).toEqual([]);
  });
  it("has sanlock, lvmlockd and a lost lease as one cause, and one service as another", () => {
    const without = (...names: string[]) =>
      sample(1).units?.map((unit) => ({ ...unit, active: !names.includes(unit.name) })) ?? null;
    const both = { units: without("sanlock.service", "lvmlockd.service"), storage: { lock: "none" } } as const;
    expect(told(causesAfter(healthy, [sample(1, both)]))).toEqual([
      "critical host: sanlock.service does not run on host1; lvmlockd.service does not run on host1; " +
        "host1 can't lock in ps-1: its lockspace does not run",
    ]);
    const one = { units: without("lvmlockd.service"), storage: { lock: "unjoined" } } as const;
    expect(causesAfter(healthy, [sample(1, one)]).map(({ findings }) => findings.map(({ kind }) => kind))).toEqual([
      ["service down", "lease lost"],
    ]);
    expect(causesAfter(healthy, [sample(1, { units: without("sanlock.service", "multipathd.service") })])).toHaveLength(
      2,
    );
  });
  it("keeps a lost lease and an id that is in use elsewhere while sanlock does not answer", () => {
    const lost = { storage: { lock: "dead", otherOwner: "other" } } as const;
    const late = { late: ["sanlock"], storage: { lock: null, unchangedS: null, leaseAgeS: null } } as const;
    const kinds = causesAfter(healthy, [sample(1, lost)], [sample(1, late)]).flatMap(({ findings }) =>
      findings.map(({ kind }) => kind),
    );
    expect(kinds.sort()).toEqual(["host id in use elsewhere", "lease lost", "service without answer"]);
  });
  it("has a host id in use elsewhere and the lease that it takes away as one cause", () => {
    const taken = { storage: { lock: "lost", otherOwner: "foreign" } } as const;
    expect(told(causesAfter(healthy, [sample(1, taken)]))).toEqual([
      "critical host: host id 1 of host1 in ps-1 is in use by foreign; " +
        "host1 can't lock in ps-1: lvmlockd uses the lockspace, but sanlock has no lease for it",
    ]);
  });
  it("misses no path of another LUN with the same WWID when that is gone", () => {
    const own = [1, 2].map((port) => watchedPath(LUN, port));
    const others = own.map((path) => ({ ...path, key: `${path.key} (2)`, hctl: path.hctl.replace(/1$/, "9") }));
    const two = sample(1, { paths: [...own, ...others] });
    expect(causesAfter([two]).map(({ severity }) => severity)).toEqual(["critical"]);
    for (const first of [sample(1, { paths: own }), two])
      expect(told(causesAfter([first], [two], [sample(1, { paths: own })]))).toEqual([]);
    // A second session of the host with one portal is a path of its own.
    const session = own.map((path) => ({ ...path, key: `${path.key} (2)`, hctl: `7${path.hctl.slice(1)}` }));
    const joined = sample(1, { paths: [...own, ...session] });
    expect(causesAfter([joined], [sample(1, { paths: own })]).length).toBeGreaterThan(0);
  });
  it("names a service that does not run", () => {
    const units = sample(1).units?.map((unit) => ({ ...unit, active: unit.name !== "lvmlockd.service" })) ?? null;
    expect(told(causesAfter([sample(1, { units }), sample(2)]))).toEqual([
      "critical host: lvmlockd.service does not run on host1",
    ]);
  });
});
