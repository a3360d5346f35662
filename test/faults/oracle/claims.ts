import type { AuditEvent, Operation } from "../../../src/core/operation.ts";
import type { PageMessage } from "../../../src/workspace/page-protocol.ts";
import { decisionsIn, textIn } from "../../scenario/message-text.ts";
import type { Evidence, LoggedEntry } from "../evidence.ts";
import { botEndedBetween, commandKey, END, isAbout, isBots, type ProgramEvent, programsIn, titleOf } from "./seen.ts";

type Began = Extract<AuditEvent, { kind: "began" }>;
type Finished = Extract<AuditEvent, { kind: "finished" }>;

/** A step of the log, and its run on the host; null if the host has not run it. */
interface Step {
  readonly began: Began;
  readonly finished: Finished | null;
  readonly run: ProgramEvent | null;
}

/** The reports of an operation agree with what its hosts did. */
export function falseClaims(evidence: Evidence): string[] {
  const steps = stepsByOperation(evidence);
  return [
    ...evidence.operations.flatMap((operation) => [
      ...claimsOf(operation, steps.get(operation.id) ?? [], evidence),
      ...(steps.get(operation.id) ?? []).flatMap((step) => stepClaims(operation, step, evidence)),
    ]),
    ...effectsOfWords(evidence),
  ];
}

/** Of a whole operation. Of one step, "nothing was run" may be true. */
const saysUnrun = (message: PageMessage): boolean =>
  /No step was run/.test(textIn(message)) || /[Nn]othing was (run|changed)/.test(titleOf(message));

function claimsOf({ id, state }: Operation, steps: readonly Step[], { messages, audit }: Evidence): string[] {
  const problems: string[] = [];
  const recorded = audit.some(({ entry }) => entry.operationId === id && entry.event.kind === "recording");
  for (const message of messages.filter((each) => isBots(each) && each.onlyFor === null)) {
    const title = titleOf(message);
    const [, said, of] = END.exec(title) ?? [];
    if (of !== id || said === undefined) continue;
    if (said !== state) problems.push(`${id} is ${state}, and the channel reads: ${title}`);
    if ((steps.length > 0 || recorded) && saysUnrun(message))
      problems.push(`${id} had begun, and the channel reads that nothing was run: ${textIn(message).slice(0, 300)}`);
    if (said === "done" && !/[Nn]othing depends on/.test(textIn(message))) {
      const undone = steps.filter(({ finished }) => finished?.outcome.kind !== "done");
      const latest = undone.filter((step) => !isDoneLater(step, steps));
      for (const { began, finished } of latest)
        problems.push(
          `${id} is reported as done; ${commandKey(began.host, began.argv)} is ${finished?.outcome.kind ?? "open"}`,
        );
    }
  }
  return problems;
}

/** A step with a transient failure is run again with the same id. */
const isDoneLater = ({ began }: Step, steps: readonly Step[]): boolean =>
  steps.some((each) => each.began.stepId === began.stepId && each.finished?.outcome.kind === "done");

function stepClaims({ id }: Operation, { began, finished, run }: Step, evidence: Evidence): string[] {
  if (began.effect === "read" || finished === null) return [];
  const { outcome } = finished;
  const what = `${id}: ${commandKey(began.host, began.argv)} is reported as ${outcome.kind}`;
  const reported = run?.answered ?? null;
  switch (outcome.kind) {
    case "done":
      if (outcome.exitCode === null) return [];
      if (run === null) return [`${what}, and the host never ran it`];
      return reported?.exitCode === outcome.exitCode
        ? []
        : [`${what} with ${outcome.exitCode}; the host said ${reported?.exitCode ?? "nothing"}`];
    case "failed":
      if (run === null) return [`${what}, and the host never ran it`];
      return reported !== null ? [] : [`${what}, and nobody knows: its connection was cut`];
    case "refused":
      return run === null || run.real === null ? [] : [`${what}, and the host ran it`];
    case "unknown": {
      const known = run !== null && run.answered !== null && run.answered === run.real && run.answered.exitCode === 0;
      if (!known) return [];
      const disturbed =
        botEndedBetween(evidence.events, run.seq - 1) || /written to the audit log/.test(outcome.reason);
      return disturbed ? [] : [`${what} (${outcome.reason}), and the host had said that it was done`];
    }
  }
}

/** The steps of each operation, each with its run on its host. */
function stepsByOperation({ audit, events, auditFrom }: Evidence): Map<string, Step[]> {
  const waiting = new Map<string, ProgramEvent[]>();
  for (const run of programsIn(events)) {
    const key = commandKey(run.host, run.argv);
    waiting.set(key, [...(waiting.get(key) ?? []), run]);
  }
  const steps = new Map<string, Step[]>();
  const entries = audit.filter(({ end }) => end > auditFrom);
  for (const [index, { entry, end }] of entries.entries()) {
    const { event: began, operationId } = entry;
    if (began.kind !== "began" || operationId === null) continue;
    const finish = finishOf(entries, index, operationId, began);
    const run = runOf(waiting.get(commandKey(began.host, began.argv)) ?? [], end, finish?.end ?? null);
    const finished = finish?.entry.event.kind === "finished" ? finish.entry.event : null;
    steps.set(operationId, [...(steps.get(operationId) ?? []), { began, finished, run }]);
  }
  return steps;
}

const finishOf = (entries: readonly LoggedEntry[], from: number, operationId: string, { stepId }: Began) =>
  entries.find(
    ({ entry: { event, ...entry } }, index) =>
      index > from && entry.operationId === operationId && event.kind === "finished" && event.stepId === stepId,
  );

/** The run that began after the step's beginning was in the log, and before its end was. */
const runOf = (runs: readonly ProgramEvent[], began: number, finished: number | null): ProgramEvent | null =>
  runs.find(({ auditBytes }) => auditBytes >= began && (finished === null || auditBytes < finished)) ?? null;

/**
 * A command has one effect each time that it is typed, however often Slack delivers it. It makes one operation at
 * most, or gets the answer that nothing was changed.
 */
function effectsOfWords({ events, messages, operations, audit, auditFrom }: Evidence): string[] {
  const hasBegun = ({ id }: Operation) =>
    audit.some(({ entry: { operationId, event } }) => operationId === id && event.kind === "began");
  const wasShown = ({ messageId }: Operation) =>
    events.some(
      (event) => event.kind === "message" && event.message.ts === messageId && decisionsIn(event.message).length > 0,
    );
  const said = events.flatMap((event) => (event.kind === "action" && event.does === "say" ? [event.words] : []));
  return [...new Set(said)].flatMap((words) => {
    // A command to a bot on another data folder is new for this bot when Slack delivers it again.
    const isAgain = events.some(({ kind }) => kind === "again");
    const foreign = events.filter((event) => event.kind === "foreign words" && event.words === words).length;
    const times = said.filter((each) => each === words).length + (isAgain ? foreign : 0);
    const made = operations.filter((each) => each.words === words && each.auditFrom >= auditFrom);
    // A message that Slack took and called an error is posted twice, with the same text.
    const refusals = new Set(
      messages.filter((each) => isBots(each) && isRefusal(each) && isAbout(each, words)).map(textIn),
    );
    const unwritten = new Set(
      messages.filter((each) => isBots(each) && isUnwritten(each) && isAbout(each, words)).map(textIn),
    );
    const begun = made.filter(hasBegun).length;
    const shown = made.filter(wasShown).length;
    const ids = made.map(({ id }) => id).join(", ");
    return [
      ...(made.length > times ? [`"${words}" was typed ${times} times, and ${ids} came of it`] : []),
      ...(refusals.size + begun > times
        ? [
            `"${words}" was typed ${times} times; ${begun} operations began, and ${refusals.size} × "nothing was changed" was answered`,
          ]
        : []),
      ...(unwritten.size > 0 && unwritten.size + shown > times
        ? [`"${words}" was typed ${times} times; a full disk refused it, and ${shown} plans of it were shown`]
        : []),
    ];
  });
}

/** A command that the bot could not record. It must not run if Slack delivers it again. */
const isUnwritten = (message: PageMessage): boolean => titleOf(message).startsWith("DATA_NOT_WRITTEN ");

/** A change that was refused before its plan says so at its end. */
const isRefusal = (message: PageMessage): boolean => /Nothing was changed\./.test(textIn(message));
