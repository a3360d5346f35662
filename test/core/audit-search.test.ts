import { describe, expect, it } from "vitest";
import { type AuditFilter, entriesFound, MOST_ENTRIES, operationsFound } from "../../src/core/audit-search.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import { millisecondsOf, momentSchema } from "../../src/core/moment.ts";
import type { AuditEntry, AuditEvent } from "../../src/core/operation.ts";
import type { Risk } from "../../src/core/policy.ts";

const anything: AuditFilter = {
  ...{ since: null, until: null, who: null, host: null, cluster: null, storage: null, wwid: null },
  ...{ operation: null, outcome: null, risk: null },
};
const hour = (count: number): string => `2026-11-29T${String(count).padStart(2, "0")}:00:00.000Z`;
const at = (count: number): number => Date.parse(hour(count));

/** A log, the oldest first. */
function logOf(
  ...lines: readonly (readonly [hour: number, by: string, operation: string | null, event: AuditEvent])[]
) {
  return lines.map(
    ([count, by, operationId, event], index): AuditEntry => ({
      id: index + 1,
      at: hour(count),
      by,
      operationId,
      event,
      previousHash: "",
      hash: String(index),
    }),
  );
}
async function* backwards(log: readonly AuditEntry[], read: AuditEntry[] = []) {
  for (const entry of log.toReversed()) {
    read.push(entry);
    yield entry;
  }
}

/** The operations of a log as the index gives them: the one with the latest plan first, the latest entry first. */
async function* grouped(log: readonly AuditEntry[], read: (readonly AuditEntry[])[] = []) {
  const ids = new Set(log.flatMap(({ operationId }) => operationId ?? []));
  for (const id of [...ids].reverse()) {
    const own = log.filter(({ operationId }) => operationId === id).toReversed();
    read.push(own);
    yield own;
  }
}

const planned = (words: string, risk: Risk = "reversible"): AuditEvent => ({
  kind: "planned",
  words,
  digest: "d",
  risk,
});
const confirmed: AuditEvent = { kind: "confirmed", digest: "d" };
const began = (host: string, ...argv: string[]): AuditEvent => ({
  kind: "began",
  stepId: "step-1",
  host,
  effect: "change",
  argv,
});
const ended: AuditEvent = { kind: "ended", state: "done", result: "all steps done" };
const asked = (words: string): AuditEvent => ({ kind: "asked", words });

const uuid = "0123456789abcdef0123456789abcdef";
const log = logOf(
  [1, "U1", null, asked("sharedblock add")],
  [1, "U1", "op-1", planned("sharedblock add cluster-1 wwid=36b0 name=ps-1", "destructive")],
  [2, "U4", "op-1", { kind: "approved", digest: "d" }],
  [2, "U2", "op-1", confirmed],
  [2, "U3", "op-2", planned("host rescan host-2")],
  [3, "U2", "op-1", began("host-1", "vgcreate", "--", uuid)],
  [3, "U3", "op-2", began("host-2", "tee")],
  [
    3,
    "U3",
    "op-2",
    { kind: "finished", stepId: "step-1", host: "host-2", outcome: { kind: "failed", exitCode: 1, stderr: "" } },
  ],
  [4, "U2", "op-1", ended],
  [5, "U1", null, asked("lun list cluster-1")],
  [6, "terminal:ann", "op-3", planned("sharedblock disable ps-10")],
);
const inventory: Inventory = {
  ...emptyInventory,
  clusters: [{ uuid: "c".repeat(32), name: "cluster-1", zoneUuid: uuid }],
  hosts: ["host-1", "host-2"].map((name, index) => ({
    ...{ uuid: String(index).repeat(32), name, clusterUuid: "c".repeat(32), address: "127.0.0.1", port: 22 },
    ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: null },
  })),
  primaryStorages: [
    {
      uuid,
      name: "ps-1",
      description: null,
      type: "SharedBlock",
      url: "/cluster-1",
      state: "Enabled",
      zoneUuid: uuid,
      clusterUuids: [],
      sharedBlocks: [],
    } as unknown as Inventory["primaryStorages"][number],
  ],
};
const operations = async (filter: Partial<AuditFilter>, limit = 20, of = log) =>
  operationsFound(grouped(of), { ...anything, ...filter }, limit, inventory);
const ids = async (filter: Partial<AuditFilter>, limit = 20) =>
  (await operations(filter, limit)).found.map(({ id }) => id);

describe("operations in the audit log", () => {
  it("are one row each, the newest first: time, who asked and confirmed, command, result", async () => {
    expect((await operations({})).found).toEqual([
      {
        id: "op-3",
        askedAt: hour(6),
        askedBy: "terminal:ann",
        confirmedBy: null,
        words: "sharedblock disable ps-10",
        ...{ risk: "reversible", link: null, decisions: [] },
        ended: null,
      },
      {
        id: "op-2",
        askedAt: hour(2),
        askedBy: "U3",
        confirmedBy: null,
        words: "host rescan host-2",
        ...{ risk: "reversible", link: null, decisions: [] },
        ended: null,
      },
      {
        id: "op-1",
        askedAt: hour(1),
        askedBy: "U1",
        confirmedBy: "U2",
        words: "sharedblock add cluster-1 wwid=36b0 name=ps-1",
        ...{ risk: "destructive", link: null },
        decisions: [{ kind: "approved", by: "U4", at: hour(2), reason: null }],
        ended,
      },
    ]);
    expect(await ids({}, 2)).toEqual(["op-3", "op-2"]);
  });

  it.each<[Partial<AuditFilter>, string[]]>([
    [{ since: at(5) }, ["op-3"]],
    [{ since: at(4) }, ["op-3", "op-1"]],
    [{ until: at(1) }, ["op-1"]],
    [{ since: at(2), until: at(3) }, ["op-2", "op-1"]],
    [{ who: "U2" }, ["op-1"]],
    [{ who: "U4" }, ["op-1"]],
    [{ who: "ann" }, ["op-3"]],
    [{ who: "U9" }, []],
    [{ host: "host-1" }, ["op-1"]],
    [{ host: "host-2" }, ["op-2"]],
    [{ host: "host-22" }, []],
    [{ storage: "ps-1" }, ["op-1"]],
    [{ storage: uuid }, ["op-1"]],
    [{ storage: "ps-10" }, ["op-3"]],
    [{ operation: "op-2" }, ["op-2"]],
    [{ operation: "op-2", who: "U1" }, []],
    [{ cluster: "cluster-1" }, ["op-2", "op-1"]],
    [{ cluster: "cluster-9" }, []],
    [{ wwid: "36b0" }, ["op-1"]],
    [{ outcome: "done" }, ["op-1"]],
    [{ outcome: "failed" }, ["op-2"]],
    [{ risk: "destructive" }, ["op-1"]],
    [{ risk: "reversible", host: "host-2" }, ["op-2"]],
  ])("are found by %j", async (filter, found) => {
    expect(await ids(filter)).toEqual(found);
  });

  it("are read only as far as needed", async () => {
    const read: (readonly AuditEntry[])[] = [];
    await operationsFound(grouped(log, read), anything, 2, inventory);
    expect(read.map(([latest]) => latest?.operationId)).toEqual(["op-3", "op-2"]);
  });

  it("are searched in a limited number of entries, and the answer says where the search ended", async () => {
    const many = logOf(
      ...Array.from(
        { length: MOST_ENTRIES + 5 },
        (_, index) => [1, "U1", `op-${index}`, planned("zone add A")] as const,
      ),
    );
    const read: (readonly AuditEntry[])[] = [];
    const search = await operationsFound(grouped(many.slice(-3), read), { ...anything, who: "U2" }, 20, inventory);
    expect(search).toEqual({ found: [], read: 3, stoppedAt: null });
    async function* each() {
      for (const entry of many) yield [entry];
    }
    const long = await operationsFound(each(), { ...anything, who: "U2" }, 20, inventory);
    expect(long).toEqual({ found: [], read: MOST_ENTRIES, stoppedAt: hour(1) });
    const entries = await entriesFound(backwards(many), { ...anything, who: "U2" }, 20, inventory);
    expect(entries).toMatchObject({ found: [], stoppedAt: hour(1) });
  });

  it("of a version that logged no plan are shown with what the log has", async () => {
    const old = logOf([1, "U2", "op-1", confirmed], [2, "U2", "op-1", ended]);
    expect((await operations({}, 20, old)).found).toEqual([
      {
        ...{ id: "op-1", askedAt: hour(1), askedBy: null, decisions: [], confirmedBy: "U2" },
        ...{ words: null, risk: null, link: null, ended },
      },
    ]);
  });
});

describe("entries of the audit log", () => {
  const found = async (filter: Partial<AuditFilter>, limit = 20) =>
    (await entriesFound(backwards(log), { ...anything, ...filter }, limit, inventory)).found.map(({ id }) => id);

  it.each<[Partial<AuditFilter>, number[]]>([
    [{}, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]],
    [{ since: at(5) }, [11, 10]],
    [{ operation: "op-1" }, [9, 6, 4, 3, 2]],
    [{ host: "host-2" }, [8, 7, 5]],
    [{ who: "U1" }, [10, 2, 1]],
    [{ who: "U4" }, [3]],
    [{ storage: "ps-1" }, [6, 2]],
  ])("are found by %j", async (filter, ids) => {
    expect(await found(filter)).toEqual(ids);
  });
});

describe("a typed time", () => {
  const now = at(12);
  it.each<[string, "from" | "to", string]>([
    ["2h", "from", hour(10)],
    ["30m", "from", "2026-11-29T11:30:00.000Z"],
    ["1d", "from", "2026-11-28T12:00:00.000Z"],
    ["1w", "to", "2026-11-22T12:00:00.000Z"],
    ["2026-11-29", "from", "2026-11-29T00:00:00.000Z"],
    ["2026-11-29", "to", "2026-11-29T23:59:59.999Z"],
    ["2026-11-29T10:00", "from", hour(10)],
    ["2026-11-29 10:00:00Z", "from", hour(10)],
    ["2026-11-29T10:00+08:00", "from", hour(2)],
  ])("is %s", (text, edge, iso) => {
    expect(new Date(millisecondsOf(text, now, edge) ?? Number.NaN).toISOString()).toBe(iso);
    expect(momentSchema.safeParse(text).success).toBe(true);
  });

  it.each(["", "2", "h", "-2h", "yesterday", "2026-13-45", "2026-11-29T99:00", "99999999999d"])(
    "can't be %j",
    (text) => {
      expect(momentSchema.safeParse(text).success).toBe(false);
    },
  );
});
