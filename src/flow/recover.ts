import { type LoggedRun, type Operation, runsIn } from "../core/operation.ts";
import { detailsOf, type Part, type Reply, runAgain } from "../core/reply.ts";
import { few, sharedFacts } from "../core/shared-facts.ts";
import { endedReply } from "./end-reply.ts";
import { endWithoutRun } from "./end-without-run.ts";

import { type Ended, type Endings, notWrittenParts } from "./endings.ts";
import type { Expiry } from "./expiry.ts";
import { recordOf } from "./plan-reply.ts";
import type { World } from "./ports.ts";

/**
 * After a start: handles what the last run left. A step that began and has no end in the log is unknown, and is
 * logged as unknown. No step continues by itself. The channel gets what is known and which command to send. Pending
 * plans stay valid.
 */
export async function recover(world: World, expiry: Expiry, endings: Endings): Promise<void> {
  for (const operation of world.operations.latest(Number.MAX_SAFE_INTEGER)) {
    if (operation.state === "planned") expiry.expireLater(operation);
    else if (!operation.notified) {
      // Not awaited: the bot must start even if Slack is unreachable.
      resume(operation, world, endings).catch((error) =>
        world.log.error(`${operation.id}: reporting it after a start`, error),
      );
    }
  }
}

async function resume(operation: Operation, world: World, endings: Endings): Promise<void> {
  if (operation.state === "confirmed" || operation.state === "running") return settle(operation, world, endings);
  const ended = await endedInLog(operation, world, endings);
  await endings.notify(ended, endedReply(operation, notWrittenParts(ended.notWritten)));
}

/** A kill may have come after the end of a plan was on disk, and before it was in the log. Then it is logged now. */
async function endedInLog(operation: Operation, { audit }: World, endings: Endings): Promise<Ended> {
  const { id, state, auditFrom, auditTo } = operation;
  if (auditTo !== null) return endings.asWritten(operation);
  const entries = await audit.between(auditFrom, null, id);
  if (entries.some(({ event }) => event.kind === "ended")) return endings.asWritten(operation);
  const result = operation.result ?? state;
  return endings.write(operation, { from: [state], state, result, by: "bot" });
}

async function settle(operation: Operation, world: World, endings: Endings): Promise<void> {
  const entries = await world.audit.between(operation.auditFrom, null, operation.id);
  const steps = runsIn(entries);
  const by = operation.confirmedBy ?? operation.askedBy;
  const end = entries.map(({ event }) => event).find((event) => event.kind === "ended");
  if (end) {
    const { state, result } = end;
    const logged = { from: ["confirmed", "running"] as const, state, result, by, isLogged: true };
    const ended = await endings.write(operation, logged);
    return endings.notify(ended, endedReply(ended.operation, notWrittenParts(ended.notWritten)));
  }
  if (steps.length === 0 && operation.state === "confirmed") {
    const result = "the bot stopped before the first step";
    return endWithoutRun(operation, { state: "refused", result, by }, endings);
  }
  const open = steps.filter((step) => step.outcome === null);
  const outcome = { kind: "unknown" as const, reason: "the bot stopped before the result" };
  const unwritten = open.map(({ began: { stepId, host } }) => ({ kind: "finished" as const, stepId, host, outcome }));
  const count = open.length === 1 ? "1 step is" : `${open.length} steps are`;
  const result = `the bot stopped while it ran; ${count} unknown`;
  const interrupted = { from: ["confirmed", "running"] as const, state: "unknown" as const, result, by, unwritten };
  const ended = await endings.write(operation, interrupted);
  await endings.notify(ended, interruptedReply(ended.operation, steps));
}

function interruptedReply(operation: Operation, steps: readonly LoggedRun[]): Reply {
  const facts = sharedFacts(
    steps,
    ({ began }) => began.host,
    ({ began, outcome }) => JSON.stringify([outcome?.kind ?? "unknown", began.argv.join(" ")]),
  );
  const rows = facts.map(({ names, items: [{ began, outcome }] }) => [
    ...[outcome?.kind ?? "unknown", few(names)],
    began.argv.join(" "),
  ]);
  const table: Part = { kind: "table", caption: "What had begun", columns: ["outcome", "hosts", "command"], rows };
  return {
    title: `${operation.title}: ${operation.state} (${operation.id})`,
    tone: "bad",
    parts: [
      { kind: "text", text: "The bot stopped while this ran and was started again. Nothing continues by itself." },
      table,
      { kind: "text", text: "Send the same command again: the bot observes first and runs only what is missing." },
    ],
    next: [runAgain(operation.words), detailsOf(operation.id)],
    record: recordOf(operation),
  };
}
