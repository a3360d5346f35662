import { randomUUID } from "node:crypto";
import { errorReply } from "../core/error-reply.ts";
import { operatorError, reason } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";
import type { Setting } from "./conversation.ts";
import { sendEphemeralTo } from "./event-author.ts";
import { failureOf, fixOf, isOfSlack } from "./failure.ts";
import { SlackFailed } from "./retry.ts";

/** Answers an event that ended in an error. Its author gets what happened and what to do, by every possible way. */
export async function answerFailedEvent(error: unknown, body: unknown, setting: Setting): Promise<void> {
  const cause = causeOf(error);
  const problem = isOfSlack(cause) ? new SlackFailed(failureOf(cause), cause) : cause;
  const reply = problem instanceof SlackFailed ? ofSlack(problem) : ofBug(problem, setting);
  if (problem instanceof SlackFailed) setting.log.error("Slack did not accept the answer to an event", problem);
  await sendEphemeralTo(body, reply, setting);
}

/** Bolt wraps the errors of its listeners. */
function causeOf(error: unknown): unknown {
  if (error instanceof SlackFailed || !(error instanceof Error)) return error;
  return "original" in error && error.original instanceof Error ? causeOf(error.original) : error;
}

const ofSlack = ({ message, failure }: SlackFailed): Reply =>
  errorReply(
    operatorError(
      "Your click or command was not run",
      reason("SLACK_FAILED", message, `${fixOf(failure) ?? "wait a minute"}; then click or send it again`),
    ),
    { tone: "warning", foot: "Nothing was run." },
  );

function ofBug(error: unknown, { log }: Setting): Reply {
  const bug = randomUUID().slice(0, 8);
  log.error(`bug ${bug}: an event in Slack was not answered`, error);
  return {
    title: `This is a bug of the bot (${bug})`,
    tone: "bad",
    parts: [
      { kind: "text", text: "We don't know what was done. Send the command again: the bot observes first." },
      { kind: "text", text: `Fix: report the bug with the lines of the bot's log that name ${bug}` },
    ],
    next: ["operation list"],
  };
}
