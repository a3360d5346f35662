import { expect, it } from "vitest";
import type { Facts } from "../../src/core/facts.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { Operation } from "../../src/core/operation.ts";
import { plainLines } from "../../src/core/reply.ts";
import type { WatchFacts } from "../../src/core/watch-facts.ts";
import { shiftReportReply } from "../../src/watch/shift-report.ts";
import { uuid } from "../store/samples.ts";
import { sampleIncident } from "./sample-incident.ts";

const NOW = Date.parse("2026-11-29T16:00:00.000Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ago = (ms: number) => new Date(NOW - ms).toISOString();
const GB = 1024 ** 3;

const open = sampleIncident({ at: ago(2 * HOUR), id: "inc-9", severity: "critical" });
const ended = sampleIncident({ at: ago(5 * HOUR), id: "inc-8", state: "resolved", resolvedAt: ago(4 * HOUR) });
const archived = sampleIncident({ at: ago(30 * HOUR), id: "inc-7", state: "resolved", resolvedAt: ago(20 * HOUR) });
const operation = (id: string, state: Operation["state"], finishedAt: string | null) =>
  ({ id, state, words: `${id} words`, askedBy: "U1", askedAt: ago(6 * HOUR), finishedAt, result: null }) as Operation;

/** The storage fills by 10 GiB a day. */
const spans = Array.from({ length: 20 }, (_, day) => ({
  ...{ fromMs: NOW - (20 - day) * DAY, toMs: NOW - (19 - day) * DAY },
  value: `${(500 - 10 * day) * GB}/${1000 * GB}`,
}));

const watch: WatchFacts = {
  everyMs: 30_000,
  isPosting: true,
  incidents: () => [open, ended],
  incident: async () => null,
  async *archived() {
    yield archived;
  },
  placeOf: () => null,
  isIncidentMessage: () => false,
  pauses: () => [{ clusterUuid: uuid(2), by: "U1", until: ago(-HOUR), reason: "switch replaced" }],
  hosts: () => [],
  covered: () => [],
  failing: () => [],
  uses: () => [{ storageUuid: uuid(3), sizeBytes: 1000 * GB, freeBytes: 310 * GB, observedAt: ago(60_000) }],
};
const facts = {
  inventory: {
    ...emptyInventory,
    clusters: [{ uuid: uuid(2), name: "cluster-1", zoneUuid: uuid(1) }],
    primaryStorages: [
      {
        ...{ uuid: uuid(3), name: "ps-1", description: "", state: "Enabled", zoneUuid: uuid(1) },
        ...{ clusterUuids: [uuid(2)], sharedBlocks: [] },
      },
    ],
  },
  now: () => NOW,
  watch,
  operations: async () => [operation("op-3", "unknown", ago(3 * HOUR)), operation("op-2", "done", ago(40 * HOUR))],
  history: {
    read: async () => [{ track: { kind: "capacity", ownerUuid: uuid(3), via: "", subject: "" }, spans }],
  },
} as unknown as Facts;

it("a shift report names what is open, unknown, degraded, filling and paused, and what ended since then", async () => {
  const { title, parts, tone } = await shiftReportReply({ since: "8h" }, facts);
  const text = plainLines(parts).join("\n");
  expect([title, tone]).toEqual(["Shift report: 1 open incident, 1 critical, 1 unknown operation", "bad"]);
  expect(text).toMatch(/Open incidents\n• inc-9 critical, for 2 h: Path sdc .* Nobody has it\./);
  expect(text).toContain("Operations with an unknown end\n• op-3 unknown: op-3 words by @U1");
  expect(text).toContain("storage=ps-1 · used=69 %");
  expect(text).toMatch(/ps-1: It grew by 10.7 GB a day .* full about 2026-12-\d\d/);
  expect(text).toContain("Ended incidents\n• inc-8 warning, lasted 60 min");
  expect(text).toContain("cluster-1 until 2026-11-29 17:00:00 UTC by @U1: switch replaced");
  expect(text).not.toContain("op-2");
  expect(text).not.toContain("inc-7");
  const people = parts.flatMap((part) =>
    part.kind === "text" && typeof part.text !== "string"
      ? part.text.filter((inline) => typeof inline === "object" && "person" in inline)
      : [],
  );
  expect(people.length).toBeGreaterThan(1);
  expect(people.every((person) => typeof person === "object" && "isQuiet" in person)).toBe(true);
});

it("with a longer time, a shift report names archived incidents too", async () => {
  const { parts } = await shiftReportReply({ since: "2d" }, facts);
  const text = plainLines(parts).join("\n");
  expect(text).toContain("• inc-7 warning, lasted 10 h");
  expect(text).toContain("op-2 done");
});

const map = (lun: string, pathsLeft: number) => {
  const [path] = open.findings;
  if (path === undefined) throw new Error("no finding");
  const kind = pathsLeft === 0 ? ("map without paths" as const) : ("map degraded" as const);
  return { ...path, kind, key: `${kind} ${lun}`, text: `LUN …${lun}: ${pathsLeft}/3 paths`, pathsLeft };
};
const textWith = async (given: Partial<WatchFacts>): Promise<string> => {
  const { parts } = await shiftReportReply({ since: "8h" }, { ...facts, watch: { ...watch, ...given } });
  return plainLines(parts).join("\n");
};

it("a shift report lists the maps with the fewest paths first, also those in no open incident", async () => {
  const incident = { ...open, findings: [map("a", 2), map("b", 0)] };
  const failing = () => [
    { finding: map("a", 2), why: null },
    { finding: map("c", 1), why: "resolved by hand: inc-3" },
  ];
  expect(await textWith({ incidents: () => [incident], failing })).toContain(
    "Degraded maps\n• LUN …b: 0/3 paths\n• LUN …c: 1/3 paths (resolved by hand: inc-3)\n• LUN …a: 2/3 paths",
  );
});

it("a shift report does not say that no map is degraded while a host does not answer", async () => {
  const host = { hostUuid: uuid(9), observedAt: ago(0), silence: "timed out", noEvents: null };
  const inventory = { ...facts.inventory, hosts: [{ uuid: uuid(9), name: "host9" }] } as Facts["inventory"];
  const { parts } = await shiftReportReply(
    { since: "8h" },
    { ...facts, inventory, watch: { ...watch, hosts: () => [host] } },
  );
  expect(plainLines(parts).join("\n")).toContain("Degraded maps\n• Not known on host9: no answer");
});

it("a shift report shows the percentage that the gauge shows", async () => {
  const use = { storageUuid: uuid(3), sizeBytes: 100, freeBytes: 93, observedAt: ago(60_000) };
  expect(await textWith({ uses: () => [use] })).toContain("storage=ps-1 · used=7 %");
});
