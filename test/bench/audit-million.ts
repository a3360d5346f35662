import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { type AuditFilter, entriesFound, operationsFound, sieveOf } from "../../src/core/audit-search.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { AuditEvent } from "../../src/core/operation.ts";
import { closedName } from "../../src/store/audit-folder.ts";
import { auditLine, noHash } from "../../src/store/audit-line.ts";
import { type OpenAuditLog, openAuditLog } from "../../src/store/audit-log.ts";
import { longestSlice } from "../longest-slice.ts";
import { type Figure, median, ms, timed } from "./figures.ts";

const ENTRIES = 1_000_000;
const CLOSED_AT_BYTES = 16 * 1024 * 1024;
const BEGAN_MS = Date.parse("2025-01-01T00:00:00Z");
const EVERY_MS = 20_000;
const RUNS = 3;
/** A long slice is not measured again. */
const ONCE = Number.POSITIVE_INFINITY;

const anything: AuditFilter = {
  ...{ since: null, until: null, who: null, host: null, cluster: null, storage: null, wwid: null },
  ...{ operation: null, outcome: null, risk: null },
};

/** What people ask: each answer has at most 20 rows. The last ones find nothing, so the complete index is read. */
const questions: Readonly<Record<string, Partial<AuditFilter>>> = {
  "the latest": {},
  "of one host of 1,000": { host: "host-777" },
  "of one LUN of 10,000": { wwid: wwidOf(4_711) },
  "destructive and failed, of a person and a storage": {
    ...{ who: "U00000003", storage: "ps-33", outcome: "failed", risk: "destructive" },
  },
  "of one day a year ago": { since: BEGAN_MS + 86_400_000, until: BEGAN_MS + 2 * 86_400_000 },
  "of a host and a storage that had nothing in common": { host: "host-1", storage: "ps-150" },
  "of a person without an entry": { who: "U99999999" },
};

/** A log of a million entries: how long a start, a complete check and filtered lists take. */
export async function auditMillionFigures(directory: string): Promise<Figure[]> {
  const folder = join(directory, "million");
  await mkdir(folder);
  const bytes = await write(folder);
  let log: OpenAuditLog = await openAuditLog(folder);
  const made = await timed(() => drain(log, { who: "U99999999" }));
  await log.close();
  const started = await timed(async () => {
    log = await openAuditLog(folder);
  });
  const figures: Figure[] = [
    { what: `an audit log of a million entries (${mb(bytes)}): start`, measured: ms(started), aim: "" },
    { what: "the same: its index is made from the log", measured: seconds(made), aim: "" },
    { what: "the same: size of the index, an entry", measured: `${await indexBytes(folder)} bytes`, aim: "" },
  ];
  for (const [name, filter] of Object.entries(questions)) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) times.push(await timed(() => drain(log, filter)));
    figures.push({ what: `the same: audit list, ${name}`, measured: ms(median(times)), aim: "under 1 s" });
  }
  const nobody = { ...anything, who: "U99999999" };
  const steps = () => entriesFound(log.backwards(sieveOf(nobody, emptyInventory)), nobody, 20, emptyInventory);
  figures.push({
    what: "the same: audit list steps=true, of a person without an entry",
    measured: ms(await timed(steps)),
    aim: "under 1 s",
  });
  const slice = await longestSlice(() => drain(log, { who: "U99999999" }), ONCE);
  figures.push({
    what: "the same: longest slice of the event loop while it is searched",
    measured: ms(slice),
    aim: "",
  });
  let verified = 0;
  const checkSlice = await longestSlice(async () => {
    verified = await timed(async () => {
      const verdict = await log.verify();
      if (verdict.kind !== "whole" || verdict.entries !== ENTRIES) throw new Error(JSON.stringify(verdict));
    });
  }, ONCE);
  figures.push(
    { what: "the same: audit verify", measured: seconds(verified), aim: "under 60 s" },
    { what: "the same: longest slice of the event loop while it checks", measured: ms(checkSlice), aim: "under 50 ms" },
  );
  await log.close();
  return figures;
}

async function drain(log: OpenAuditLog, filter: Partial<AuditFilter>): Promise<void> {
  const all = { ...anything, ...filter };
  await operationsFound(log.operations(sieveOf(all, emptyInventory)), all, 20, emptyInventory);
}

/** In closed files of the usual size. Returns the bytes of all. */
async function write(folder: string): Promise<number> {
  const current = join(folder, "audit.jsonl");
  let [previousHash, all, size, firstId] = [noHash, 0, 0, 1];
  let file = createWriteStream(current, { mode: 0o600 });
  for (let id = 1; id <= ENTRIES; id++) {
    const at = new Date(BEGAN_MS + id * EVERY_MS).toISOString();
    const number = Math.ceil(id / EVENTS);
    const { entry, line } = auditLine({
      ...{ id, at, by: `U${String(number % 40).padStart(8, "0")}`, previousHash },
      operationId: id % EVENTS === 1 ? null : `op-${number}`,
      event: eventOf(number, (id - 1) % EVENTS),
    });
    previousHash = entry.hash;
    size += line.length + 1;
    if (!file.write(`${line}\n`)) await once(file, "drain");
    if (size < CLOSED_AT_BYTES || id === ENTRIES) continue;
    await finished(file.end());
    await rename(current, join(folder, closedName(firstId)));
    [all, size, firstId] = [all + size, 0, id + 1];
    file = createWriteStream(current, { mode: 0o600 });
  }
  await finished(file.end());
  return all + size;
}

const EVENTS = 8;

/** An operation has a command, a plan of ten lines, a click, two host commands and an end. */
function eventOf(number: number, index: number): AuditEvent {
  const host = `host-${(number % 1_000) + 1}`;
  const [storage, wwid] = [`ps-${(number % 200) + 1}`, wwidOf(number % 10_000)];
  const words = `sharedblock extend ${storage} wwid=${wwid}`;
  const risk = number % 4 === 0 ? ("destructive" as const) : ("reversible" as const);
  const began = (step: string, ...argv: string[]): AuditEvent => ({
    ...{ kind: "began", stepId: step, host, effect: "change", argv },
  });
  const done = (stepId: string): AuditEvent => ({
    ...{ kind: "finished", stepId, host, outcome: { kind: "done", exitCode: 0, output: ["Volume group extended"] } },
  });
  const plan = Array.from({ length: 10 }, (_, line) => `step ${line}: vgextend ${storage} on ${host} with ${wwid}`);
  const events: readonly AuditEvent[] = [
    { kind: "asked", words },
    { kind: "planned", words, digest: "d".repeat(64), risk, plan },
    { kind: "confirmed", digest: "d".repeat(64) },
    began("step-1", "pvcreate", "--", `/dev/mapper/${wwid}`),
    done("step-1"),
    began("step-2", "vgextend", "--", storage, `/dev/mapper/${wwid}`),
    done("step-2"),
    { kind: "ended", state: number % 7 === 0 ? "failed" : "done", result: "all steps done in 4 s" },
  ];
  return events[index] ?? { kind: "asked", words };
}

function wwidOf(number: number): string {
  return `36b083fe000daf018${String(number).padStart(16, "0")}`;
}

async function indexBytes(folder: string): Promise<number> {
  const index = join(folder, "audit-index");
  const sizes = await Promise.all((await readdir(index)).map(async (name) => (await stat(join(index, name))).size));
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / ENTRIES);
}

const mb = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
const seconds = (value: number): string => `${(value / 1_000).toFixed(1)} s`;
