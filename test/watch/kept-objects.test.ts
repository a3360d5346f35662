import { expect, it } from "vitest";
import type { Finding } from "../../src/core/finding.ts";
import type { Element } from "../../src/watch/cause.ts";
import { ElementIndex } from "../../src/watch/element-index.ts";
import { hostElements } from "../../src/watch/elements.ts";
import { keptObservation } from "../../src/watch/kept-objects.ts";
import { type Known, learned } from "../../src/watch/known.ts";
import { inventory, LUN, OTHER_LUN, sample, watchedPath } from "./watched-host.ts";

const host = inventory.hosts[0] as (typeof inventory.hosts)[number];

it("an equal observation keeps the paths of the one before, another one has its own", () => {
  const first = keptObservation(null, sample(1));
  const equal = keptObservation(first, sample(1, { atMs: 30_000 }));
  expect(equal).toEqual(sample(1, { atMs: 30_000 }));
  expect("paths" in equal && "paths" in first && equal.paths === first.paths).toBe(true);
  const paths = [1, 2].flatMap((port) => [watchedPath(LUN, port, port === 1), watchedPath(OTHER_LUN, port)]);
  expect(keptObservation(first, sample(1, { paths }))).toEqual(sample(1, { paths }));
  const silent = { hostUuid: host.uuid, atMs: 1, silence: "connection refused" };
  expect(keptObservation(first, silent)).toEqual(silent);
  expect(keptObservation(silent, sample(1))).toEqual(sample(1));
});

it("what works as before is the same element, so that an index counts only what changed", () => {
  const index = new ElementIndex();
  let known: Known | null = null;
  const observe = (works: boolean, atMs: number) => {
    const paths = [1, 2].flatMap((port) => [watchedPath(LUN, port, works || port === 1), watchedPath(OTHER_LUN, port)]);
    const observed = sample(1, { paths, atMs });
    known = learned(known, observed, new Set([LUN]));
    index.set(host.uuid, hostElements({ host, observed, known }, index.of(host.uuid), inventory, atMs), atMs);
    return index.of(host.uuid);
  };
  const port = { kind: "LUN at a port", id: `${LUN} 10.0.0.2:3260` } as const;
  const first = observe(true, 0);
  const second = observe(true, 1_000);
  expect([...second].every(([key, element]) => first.get(key) === element)).toBe(true);
  expect(index.worksSince(port, 0)).toBe(true);
  const third = observe(false, 2_000);
  const key = `path ${LUN} via 10.0.0.2:3260`;
  expect(third.get(key)).not.toBe(first.get(key));
  expect(index.worksSince(port, 0)).toBe(false);
  observe(true, 3_000);
  expect(index.worksSince(port, 3_000)).toBe(true);
});

it("hosts that see the same LUNs share their scopes, and what is gone leaves nothing behind", () => {
  const index = new ElementIndex();
  const elementsOf = (number: 1 | 2) => {
    const each = inventory.hosts[number - 1];
    if (each === undefined) throw new Error("no host");
    const observed = sample(number, {});
    const known = learned(null, observed, new Set([LUN]));
    index.set(each.uuid, hostElements({ host: each, observed, known }, index.of(each.uuid), inventory, 0), 0);
    return index.of(each.uuid).get(`path ${LUN} via 10.0.0.2:3260`)?.scopes ?? [];
  };
  const [first, second] = [elementsOf(1), elementsOf(2)];
  const shared = first.filter((scope) => second.some((other) => other === scope));
  expect(shared.map(({ kind }) => kind)).toEqual(["LUN", "LUN at a port", "port", "array", "cluster"]);
  for (const { uuid } of inventory.hosts) index.remove(uuid);
  expect(index.size).toBe(0);
});

it("what a host had stays the same object while the host shows the same", () => {
  const first = learned(null, sample(1, { atMs: 0 }), new Set([LUN]));
  const second = learned(first, sample(1, { atMs: 30_000 }), new Set([LUN]));
  expect(second.paths).toBe(first.paths);
  expect(second.luns).toBe(first.luns);
  const all = sample(1, { atMs: 60_000 });
  const [gone, ...paths] = all.paths ?? [];
  const third = learned(second, { ...all, paths }, new Set([LUN]));
  expect(third.paths[gone?.key ?? ""]?.lastSeenMs).toBe(30_000);
  expect(third.paths[paths[0]?.key ?? ""]).toBe(first.paths[paths[0]?.key ?? ""]);
  const back = learned(third, sample(1, { atMs: 90_000 }), new Set([LUN]));
  expect(back.paths[gone?.key ?? ""]?.lastSeenMs).toBeNull();
});

it("elements of unchanged paths are not made again, except while the host comes back", () => {
  const observed = sample(1, {});
  const known = learned(null, observed, new Set([LUN]));
  const watched = { host, observed, known };
  const before = hostElements(watched, new Map(), inventory, 0);
  const after = hostElements({ ...watched, hasSamePaths: true }, before, inventory, 0);
  expect(after).toEqual(before);
  const paths = [...after].filter(([name]) => name.startsWith("path "));
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.every(([name, element]) => before.get(name) === element)).toBe(true);
  const silence: Element = { findings: [{} as Finding], scopes: [{ kind: "host", id: "reach" }] };
  const back = hostElements({ ...watched, hasSamePaths: true }, new Map([...before, ["reach", silence]]), inventory, 0);
  expect(paths.every(([name, element]) => back.get(name) !== element)).toBe(true);
});
