import { expect, it } from "vitest";
import type { Finding } from "../../src/core/finding.ts";
import { accepted } from "../../src/watch/accepted.ts";
import { hostElements } from "../../src/watch/elements.ts";
import { type Known, learned } from "../../src/watch/known.ts";
import type { HostSample } from "../../src/watch/sample.ts";
import { inventory, LUN, OTHER_LUN, sample, watchedPath } from "./watched-host.ts";

const host = inventory.hosts[0] as (typeof inventory.hosts)[number];
const owned = new Set([LUN]);

/** The findings of each observation. After each of them an operation of ours is their cause. */
function findingsIn(samples: readonly HostSample[]): string[][] {
  let known: Known | null = null;
  return samples.map((observed) => {
    known = learned(known, observed, owned);
    const elements = hostElements({ host, observed, known }, new Map(), inventory, observed.atMs);
    const findings: Finding[] = [...elements.values()].flatMap((element) => element.findings);
    const seen = new Set(observed.paths?.map(({ key }) => key));
    known = findings.reduce((latest: Known, finding) => accepted(latest, finding, seen), known);
    return [...new Set(findings.map(({ kind }) => kind))].sort();
  });
}
const ofLun = (atMs: number) => sample(1, { atMs, paths: [1, 2].map((port) => watchedPath(LUN, port)) });
const ofBoth = (atMs: number) => sample(1, { atMs });

it("a LUN that an operation made appear is no news in the next observation", () => {
  expect(findingsIn([ofLun(0), ofBoth(1_000), ofBoth(2_000)])).toEqual([[], ["LUN new"], []]);
});

it("a size that an operation changed is no news in the next observation", () => {
  const paths = (ofBoth(0).paths ?? []).map((path) => ({ ...path, sizeBytes: 2 * 10 ** 12 }));
  const grown = (atMs: number) => sample(1, { atMs, paths });
  expect(findingsIn([ofBoth(0), grown(1_000), grown(2_000)])).toEqual([[], ["size changed"], []]);
});

it("a LUN that an operation removed is not missed, and neither is a path", () => {
  const found = findingsIn([ofBoth(0), ofLun(1_000), ofLun(2_000)]);
  expect(found).toEqual([[], ["LUN gone", "path failed"], []]);
  const onePath = (atMs: number) =>
    sample(1, { atMs, paths: (ofBoth(0).paths ?? []).filter(({ key }) => key !== `${OTHER_LUN} via 10.0.0.2:3260`) });
  expect(findingsIn([ofBoth(0), onePath(1_000), onePath(2_000)])).toEqual([[], ["map degraded", "path failed"], []]);
});

it("a LUN of a storage is still missed, and so is a path that is there and fails", () => {
  const none = (atMs: number) => sample(1, { atMs, paths: [1, 2].map((port) => watchedPath(OTHER_LUN, port)) });
  const [, , later] = findingsIn([ofBoth(0), none(1_000), none(2_000)]);
  expect(later).toContain("LUN gone");
  const failed = (atMs: number) =>
    sample(1, {
      atMs,
      paths: [1, 2].flatMap((port) => [watchedPath(LUN, port), watchedPath(OTHER_LUN, port, port === 1)]),
    });
  expect(findingsIn([ofBoth(0), failed(1_000), failed(2_000)])[2]).toEqual(["map degraded", "path failed"]);
});
