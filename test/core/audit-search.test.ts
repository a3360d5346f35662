import { describe, expect, it } from "vitest";
import { type AuditFilter, entriesFound, MOST_ENTRIES, operationsFound } from "../../src/core/audit-search.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import { millisecondsOf, momentSchema } from "../../src/core/moment.ts";
import type { AuditEntry, AuditEvent } from "../../src/core/operation.ts";

const anything: AuditFilter = { since: null, until: null, who: null, host: null, storage: null, operation: null };
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

const planned = (words: string): AuditEvent => ({ kind: "planned", words, digest: "d" });
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
  [1, "U1", "op-1", planned("sharedblock add cluster-1 wwid=36b0 name=ps-1")],
  [2, "U2", "op-1", confirmed],
  [2, "U3", "op-2", planned("host rescan host-2")],
  [3, "U2", "op-1", began("host-1", "vgcreate", "--", uuid)],
  [3, "U3", "op-2", began("host-2", "tee")],
  [4, "U2", "op-1", ended],
  [5, "U1", null, asked("lun list cluster-1")],
  [6, "terminal:ann", "op-3", planned("sharedblock disable ps-10")],
);
const inventory: Inventory = {
  ...emptyInventory,
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
  operationsFound(backwards(of), { ...anything, ...filter }, limit, inventory);
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
        ended: null,
      },
      { id: "op-2", askedAt: hour(2), askedBy: "U3", confirmedBy: null, words: "host rescan host-2", ended: null },
      {
        id: "op-1",
        askedAt: hour(1),
        askedBy: "U1",
        confirmedBy: "U2",
        words: "sharedblock add cluster-1 wwid=36b0 name=ps-1",
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
  ])("are found by %j", async (filter, found) => {
    expect(await ids(filter)).toEqual(found);
  });

  it("are read only as far as needed: to each first entry, and not before the given time", async () => {
    const read: AuditEntry[] = [];
    await operationsFound(backwards(log, read), { ...anything, since: at(4) }, 20, inventory);
    // op-1 has its words in the second entry; one more shows that nothing is open.
    expect(read.map(({ id }) => id)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    const few: AuditEntry[] = [];
    await operationsFound(backwards(log, few), { ...anything, since: at(5) }, 20, inventory);
    expect(few.at(-1)?.id).toBe(7);
  });

  it("are searched in a limited number of entries, and the answer says where the search ended", async () => {
    const many = logOf(
      [0, "U1", "op-1", planned("zone add A")],
      ...Array.from({ length: MOST_ENTRIES + 5 }, () => [1, "U1", null, asked("zone list")] as const),
    );
    const read: AuditEntry[] = [];
    const search = await operationsFound(backwards(many, read), anything, 20, inventory);
    expect(search).toEqual({ found: [], read: MOST_ENTRIES, stoppedAt: hour(1) });
    expect(read).toHaveLength(MOST_ENTRIES + 1);
    const entries = await entriesFound(backwards(many), { ...anything, who: "U2" }, 20, inventory);
    expect(entries).toMatchObject({ found: [], stoppedAt: hour(1) });
  });

  it("of a version that logged no plan are shown with what the log has", async () => {
    const old = logOf([1, "U2", "op-1", confirmed], [2, "U2", "op-1", ended]);
    expect((await operations({}, 20, old)).found).toEqual([
      { id: "op-1", askedAt: hour(1), askedBy: null, confirmedBy: "U2", words: null, ended },
    ]);
  });
});

describe("entries of the audit log", () => {
  const found = async (filter: Partial<AuditFilter>, limit = 20) =>
    (await entriesFound(backwards(log), { ...anything, ...filter }, limit, inventory)).found.map(({ id }) => id);

  it.each<[Partial<AuditFilter>, number[]]>([
    [{}, [9, 8, 7, 6, 5, 4, 3, 2, 1]],
    [{ since: at(5) }, [9, 8]],
    [{ operation: "op-1" }, [7, 5, 3, 2]],
    [{ host: "host-2" }, [6, 4]],
    [{ who: "U1" }, [8, 2, 1]],
    [{ storage: "ps-1" }, [5, 2]],
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
