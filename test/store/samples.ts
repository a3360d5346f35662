import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InventoryChange } from "../../src/core/inventory-change.ts";
import type { Operation } from "../../src/core/operation.ts";

export const newDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "zstack-chatops-store-"));

/** 32 hexadecimal digits that end in the number. */
export const uuid = (number: number): string => number.toString(16).padStart(32, "0");

export const zoneAdded = (number: number): InventoryChange => ({
  kind: "zone added",
  zone: { uuid: uuid(number), name: `ZONE-${number}` },
});

export const planned: Omit<Operation, "id" | "nonce"> = {
  words: "sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a",
  title: "Add a shared block",
  verb: "Add Storage",
  askedBy: "U1",
  askedAt: "2026-01-02T03:04:05.000Z",
  place: "C1",
  messageId: null,
  digest: "d".repeat(64),
  form: null,
  clusters: [],
  locks: [],
  second: null,
  shown: ["destroys an orphan LVM physical volume"],
  expiresAt: "2026-01-02T03:14:05.000Z",
  state: "planned",
  confirmedBy: null,
  confirmedAt: null,
  finishedAt: null,
  result: null,
  notified: false,
  notifiedElsewhere: null,
  posting: [],
  auditFrom: 0,
  auditTo: null,
};
