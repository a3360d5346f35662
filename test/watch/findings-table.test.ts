import { expect, it } from "vitest";
import type { KeptFinding } from "../../src/core/incident.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import { findingsTable } from "../../src/watch/findings-table.ts";

const SINCE = "2026-11-29T10:00:00.000Z";
const host = (number: number) => ({
  ...{ uuid: String(number).repeat(32), name: `host${number}`, clusterUuid: "c".repeat(32), address: "10.0.0.1" },
  ...{ port: 22, user: "root", hostKeySha256: "SHA256:x", sanlockHostId: number },
});
const inventory: Inventory = { ...emptyInventory, hosts: [1, 2, 3, 4].map(host) };
const kept = (kind: KeptFinding["kind"], on: number | null, text: string, patch: Partial<KeptFinding> = {}) => ({
  ...{ key: `${kind} ${on} ${text}`, kind, severity: "warning" as const, clusterUuid: "c".repeat(32), wwid: null },
  ...{ hostUuid: on === null ? null : host(on).uuid, storageUuid: null, text, since: SINCE, ...patch },
});
const path = (on: number) => kept("path failed", on, `Path sdc of LUN …a on host${on} through p1: failed faulty`);
const map = (on: number, pathsLeft: number) =>
  kept("map degraded", on, `LUN …a on host${on}: ${pathsLeft}/3 paths`, { pathsLeft });

const rowsOf = (...findings: readonly KeptFinding[]) => {
  const part = findingsTable(findings, "found", inventory);
  return part.kind === "table" ? part.rows.map(([finding, hosts]) => [finding, hosts]) : [];
};

it("what several hosts show is one row, with their names or their number", () => {
  expect(rowsOf(path(1), path(2), path(3))).toEqual([
    ["Path sdc of LUN …a through p1: failed faulty", "host1, host2, host3"],
  ]);
  expect(rowsOf(...[1, 2, 3, 4].map(path)).map(([, hosts]) => hosts)).toEqual(["4 hosts"]);
});

it("the worst is first: by severity, then maps with the fewest paths, then their paths", () => {
  const full = kept("storage full", null, "ps-1 is 96 % full", { severity: "critical" });
  expect(rowsOf(path(1), map(1, 2), map(2, 1), full)).toEqual([
    ["ps-1 is 96 % full", "–"],
    ["LUN …a: 1/3 paths", "host2"],
    ["LUN …a: 2/3 paths", "host1"],
    ["Path sdc of LUN …a through p1: failed faulty", "host1"],
  ]);
});

it("a text that names its host otherwise stays whole, and the earliest time counts", () => {
  const lost = (on: number, since: string) => kept("lease lost", on, `host${on} can't lock in ps-1`, { since });
  expect(rowsOf(lost(1, SINCE), lost(2, SINCE))).toHaveLength(2);
  const part = findingsTable([path(1), { ...path(2), since: "2026-11-29T09:00:00.000Z" }], "found", inventory);
  expect(part).toMatchObject({
    caption: "2 found",
    rows: [[expect.anything(), "host1, host2", "2026-11-29 09:00:00"]],
  });
});
