import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { refuseMorePlans } from "../core/open-plans.ts";
import { type Operation, type OperationState, operationSchema } from "../core/operation.ts";
import type { OperationStore } from "../flow/ports.ts";
import { type Closing, openJsonFile } from "./json-file.ts";

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** The number of the next operation: a number is never used twice, not even after the operation was deleted. */
  nextNumber: z.int().positive(),
  /** The oldest first. */
  operations: z.array(z.preprocess(withNamesOfToday, operationSchema)),
});
type OperationFile = z.output<typeof fileSchema>;

/** Version 0.1 wrote `told` and `toldElsewhere`. */
function withNamesOfToday(operation: unknown): unknown {
  if (typeof operation !== "object" || operation === null || !("told" in operation)) return operation;
  const { told: notified, ...rest } = operation;
  if (!("toldElsewhere" in rest)) return { ...rest, notified };
  const { toldElsewhere: notifiedElsewhere, ...others } = rest;
  return { ...others, notified, notifiedElsewhere };
}

const unfinished: readonly OperationState[] = ["planned", "confirmed", "running"];
const keptFinished = 200;
/** The number of operations with an unreported end that are kept in addition. */
const keptUnnotified = 300;
const keptPlans = 20;
/** The text of plans as they were shown: of one plan, of one person's plans, and of all. */
const planBytes = 256 * 1024;
const plansOfOneBytes = 512 * 1024;
const plansOfAllBytes = 2 * 1024 * 1024;

/**
 * Operations in `operations.json`. The file is rewritten at each change, so its size is limited: all unfinished
 * operations, and the latest 200 finished ones. Only the latest 20 of these keep the plan that was shown. Texts of
 * plans are kept up to a total size, the latest first. The digest identifies a plan also without its text. The audit
 * log has everything.
 */
export async function openOperationStore(directory: string, isCopied = false): Promise<Closing<OperationStore>> {
  const initial: OperationFile = { version: 1, nextNumber: 1, operations: [] };
  const file = await openJsonFile(join(directory, "operations.json"), fileSchema, initial);
  if (isCopied) await file.update((latest) => [withoutPlans(latest), null]);
  return {
    create: (fields) =>
      file.update((latest) => {
        refuseMorePlans(latest.operations, fields.askedBy);
        const id = `op-${latest.nextNumber}`;
        const created = operationSchema.parse({ ...fields, id, nonce: randomBytes(16).toString("hex") });
        const operations = [...latest.operations, created];
        return [bounded({ ...latest, nextNumber: latest.nextNumber + 1, operations }), created];
      }),
    get: (id) => file.read().operations.find((operation) => operation.id === id) ?? null,
    close: () => file.close(),
    latest: (limit) => file.read().operations.toReversed().slice(0, limit),
    // Decided synchronously, on the latest state and not on that of the disk: of two clicks, one wins.
    change: (id, from, patch, only = () => true) =>
      file.update<Operation | null>((latest) => {
        const before = latest.operations.find((operation) => operation.id === id);
        if (before === undefined || !from.includes(before.state) || !only(before)) return [latest, null];
        const after = operationSchema.parse({ ...before, ...patch, id });
        const operations = latest.operations.map((operation) => (operation.id === id ? after : operation));
        return [bounded({ ...latest, operations }), after];
      }),
  };
}

/**
 * A copied folder must not run a plan that was shown: the bot on the original folder may run it. The copy reports no
 * end, because the original's message may already show it.
 */
function withoutPlans(file: OperationFile): OperationFile {
  const result = "its data folder was copied or restored; a click on its plan runs nothing";
  const finishedAt = new Date().toISOString();
  const ended = { state: "expired" as const, nonce: null, result, finishedAt, notified: true };
  const operations = file.operations.map((each) => (each.state === "planned" ? { ...each, ...ended } : each));
  return { ...file, operations };
}

function bounded(file: OperationFile): OperationFile {
  let finished = 0;
  let unnotified = 0;
  const kept: Operation[] = [];
  const texts = new TextBudget();
  for (const operation of file.operations.toReversed()) {
    if (unfinished.includes(operation.state)) kept.push(texts.within(operation));
    else if (++finished <= keptPlans) kept.push(texts.within(operation));
    else if (finished <= keptFinished || (!operation.notified && ++unnotified <= keptUnnotified)) {
      kept.push(withoutText(operation));
    }
  }
  return { ...file, operations: kept.reverse() };
}

const withoutText = (operation: Operation): Operation =>
  operation.shown.length === 0 ? operation : { ...operation, shown: [] };

/** Counts the texts of plans that are kept. */
class TextBudget {
  readonly #ofOne = new Map<string, number>();
  #ofAll = 0;

  within(operation: Operation): Operation {
    const bytes = bytesOf(operation);
    const ofOne = (this.#ofOne.get(operation.askedBy) ?? 0) + bytes;
    const ofAll = this.#ofAll + bytes;
    if (bytes > planBytes || ofOne > plansOfOneBytes || ofAll > plansOfAllBytes) return withoutText(operation);
    this.#ofOne.set(operation.askedBy, ofOne);
    this.#ofAll = ofAll;
    return operation;
  }
}

const measured = new WeakMap<readonly string[], number>();

/** At most as many characters as bytes; a plan is measured once. */
function bytesOf({ shown }: Operation): number {
  const known = measured.get(shown);
  if (known !== undefined) return known;
  const bytes = shown.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  measured.set(shown, bytes);
  return bytes;
}
