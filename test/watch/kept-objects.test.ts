import { expect, it } from "vitest";
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
