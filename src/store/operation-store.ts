import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { type Operation, type OperationState, operationSchema } from "../core/operation.ts";
import type { OperationStore } from "../flow/ports.ts";
import { type Closing, openJsonFile } from "./json-file.ts";

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** Of the next operation: a number is never given twice, not even after the operation was forgotten. */
  nextNumber: z.int().positive(),
  /** The oldest first. */
  operations: z.array(operationSchema),
});
type OperationFile = z.output<typeof fileSchema>;

const unfinished: readonly OperationState[] = ["planned", "confirmed", "running"];
const keptFinished = 200;
const keptPlans = 20;

/**
 * Operations in `operations.json`, whose size is bounded since it is rewritten at each change: all that are not finished,
 * the latest 200 that are, and of these only the latest 20 with the plan that was shown. The audit log has everything.
 */
export async function openOperationStore(directory: string, isCopied = false): Promise<Closing<OperationStore>> {
  const initial: OperationFile = { version: 1, nextNumber: 1, operations: [] };
  const file = await openJsonFile(join(directory, "operations.json"), fileSchema, initial);
  if (isCopied) await file.update((latest) => [withoutPlans(latest), null]);
  return {
    create: (fields) =>
      file.update((latest) => {
        const id = `op-${latest.nextNumber}`;
        const created = operationSchema.parse({ ...fields, id, nonce: randomBytes(16).toString("hex") });
        const operations = [...latest.operations, created];
        return [bounded({ ...latest, nextNumber: latest.nextNumber + 1, operations }), created];
      }),
    get: (id) => file.read().operations.find((operation) => operation.id === id) ?? null,
    close: () => file.close(),
    latest: (limit) => file.read().operations.toReversed().slice(0, limit),
    // Decided in this tick, on the latest state and not the one on disk: of two clicks one wins.
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
 * A copied folder knows no plan that was shown: the bot on the first one may run it. Nothing is told of them, since its message
 * may tell of its end already.
 */
function withoutPlans(file: OperationFile): OperationFile {
  const result = "its data folder was copied or restored; a click on its plan runs nothing";
  const finishedAt = new Date().toISOString();
  const ended = { state: "expired" as const, nonce: null, result, finishedAt, told: true };
  const operations = file.operations.map((each) => (each.state === "planned" ? { ...each, ...ended } : each));
  return { ...file, operations };
}

function bounded(file: OperationFile): OperationFile {
  let finished = 0;
  const kept: Operation[] = [];
  for (const operation of file.operations.toReversed()) {
    if (unfinished.includes(operation.state)) kept.push(operation);
    else if (++finished <= keptPlans) kept.push(operation);
    else if (finished <= keptFinished) kept.push({ ...operation, shown: [] });
  }
  return { ...file, operations: kept.reverse() };
}
