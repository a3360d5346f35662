import { expect, it } from "vitest";
import type { Scope } from "../../src/core/cause-scope.ts";
import type { Slices } from "../../src/core/parts.ts";
import { causesInSlices, type Element } from "../../src/watch/cause.ts";
import { ElementIndex } from "../../src/watch/element-index.ts";
import { nextRoundInSlices, usualDamping } from "../../src/watch/incidents.ts";

const HOSTS = 100;
const LUNS = 100;

/** All paths of an array fail: one on each host to each LUN. */
function deadArray(): ElementIndex {
  const index = new ElementIndex();
  for (let host = 0; host < HOSTS; host++) {
    const elements = Array.from({ length: LUNS }, (_, lun) => {
      const key = `path failed host${host} lun${lun}`;
      const finding = { key, kind: "path failed", severity: "warning", clusterUuid: "c", text: key } as const;
      const own: Scope = { kind: "path", id: `${host} ${lun}` };
      const scopes: [Scope, ...Scope[]] = [own, { kind: "host", id: `paths ${host}` }, { kind: "array", id: "a" }];
      const findings = [{ ...finding, hostUuid: `${host}`, wwid: `${lun}`, storageUuid: null }];
      return [`path ${lun}`, { findings, scopes }] as const;
    });
    index.set(`${host}`, new Map(elements), 0);
  }
  return index;
}

/** So often other work has a turn. */
function turnsOf<T>(work: Slices<T>): { readonly turns: number; readonly result: T } {
  for (let turns = 0; ; turns++) {
    const { done, value } = work.next();
    if (done) return { turns, result: value };
  }
}

it("other work has a turn while the causes and the incidents of 10,000 findings are found", () => {
  const index = deadArray();
  const { turns, result: causes } = turnsOf(causesInSlices(index.failing(), index));
  expect(causes.map(({ scope }) => scope)).toEqual([{ kind: "array", id: "a" }]);
  // A slice is 1,000 elements, and each is read several times.
  expect(turns).toBeGreaterThan(20);
  const setting = { damping: usualDamping, newId: () => "inc-1" };
  const round = turnsOf(nextRoundInSlices([], causes, 0, setting));
  expect(round.turns).toBeGreaterThan(3);
  expect(turnsOf(nextRoundInSlices(round.result.incidents, causes, 5_000, setting)).result.reports).toEqual([
    { incidentId: "inc-1", kind: "opened" },
  ]);
});

it("a few findings are compared at once", () => {
  const index = new ElementIndex();
  const path: Scope = { kind: "path", id: "p" };
  const finding = {
    key: "path failed p",
    kind: "path failed",
    severity: "warning",
    clusterUuid: "c",
    text: "p",
  } as const;
  const findings = [{ ...finding, hostUuid: "h", wwid: "w", storageUuid: null }];
  index.set("h", new Map([["path p", { findings, scopes: [path] }]]), 0);
  const { turns, result } = turnsOf(causesInSlices(index.failing(), index));
  expect(turns).toBe(0);
  expect(turnsOf(nextRoundInSlices([], result, 0, { damping: usualDamping, newId: () => "inc-1" })).turns).toBe(0);
});

it("a late answer does not show that something works since then: it may have been read when the host was asked", () => {
  const index = new ElementIndex();
  const array: Scope = { kind: "array", id: "a" };
  index.set("h", new Map([["path p", { findings: [], scopes: [array] }]]), 20_000, 5_000);
  expect(index.worksSince(array, 5_000)).toBe(true);
  expect(index.worksSince(array, 5_001)).toBe(false);
});

it("what works in the answer that shows a finding first rules out what it has in common with the finding", () => {
  const index = new ElementIndex();
  const port: Scope = { kind: "port", id: "10.0.0.2:3260" };
  const finding = {
    key: "path failed 1",
    kind: "path failed",
    severity: "warning",
    clusterUuid: "c",
    text: "path 1",
  } as const;
  const findings = [{ ...finding, hostUuid: "h", wwid: "w", storageUuid: null }];
  const failed: Element = { findings, scopes: [{ kind: "path", id: "1" }, port] };
  const working: Element = { findings: [], scopes: [{ kind: "path", id: "2" }, port] };
  const both = { "path 1": failed, "path 2": working };
  index.set("h", new Map(Object.entries(both)), 2_000, 1_000);
  const { result } = turnsOf(causesInSlices(index.failing(), index));
  expect(result).toMatchObject([{ scope: { kind: "path", id: "1" }, doubts: [], isDoubtful: false }]);
  // Another host answered at the same time, and showed no finding: it may have read it before the path failed.
  index.set("h", new Map([["path 1", failed]]), 2_000, 1_000);
  index.set("other", new Map([["path 2", working]]), 2_000, 1_000);
  expect(turnsOf(causesInSlices(index.failing(), index)).result).toMatchObject([{ doubts: [port], isDoubtful: true }]);
});
