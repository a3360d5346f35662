import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Reply } from "../core/reply.ts";
import { placeSchema } from "./channel.ts";
import { conversationWith, type Setting } from "./conversation.ts";
import { failureOf, fixOf, isOfSlack } from "./failure.ts";
import { SlackFailed } from "./persistence.ts";
import type { Respond, Response } from "./response-url.ts";

const id = z.object({ id: z.string() });
const metadata = z.looseObject({ place: placeSchema });
/** Of a slash command, a mention, a click or a form: whatever tells who did it, and where. */
const gesture = z.looseObject({
  user_id: z.string().optional(),
  channel_id: z.string().optional(),
  response_url: z.url().optional(),
  user: id.optional(),
  channel: id.optional(),
  container: z.looseObject({ channel_id: z.string().optional(), thread_ts: z.string().optional() }).optional(),
  view: z.looseObject({ private_metadata: z.string().optional() }).optional(),
  event: z.looseObject({ user: z.string(), channel: z.string(), thread_ts: z.string().optional() }).optional(),
});

/** A gesture that ended in an error: whoever made it is told what happened and what to do, by every way that there is. */
export async function answerFailedGesture(error: unknown, body: unknown, setting: Setting): Promise<void> {
  const cause = causeOf(error);
  const problem = isOfSlack(cause) ? new SlackFailed(failureOf(cause), cause) : cause;
  const reply = problem instanceof SlackFailed ? ofSlack(problem) : ofBug(problem, setting);
  if (problem instanceof SlackFailed) setting.log.error("Slack did not take what a gesture needs", problem);
  const from = gesture.safeParse(body).data;
  const user = from?.user_id ?? from?.user?.id ?? from?.event?.user;
  if (from === undefined || user === undefined) return;
  const place = placeOf(from) ?? { channel: user, threadTs: null };
  const respond = from.response_url === undefined ? {} : { respond: respondTo(from.response_url, setting) };
  await conversationWith(user, place, setting, { ...respond, mayNotChangeHere: null }).whisper({ reply });
}

function placeOf({ channel_id, channel, container, event, view }: z.output<typeof gesture>) {
  if (event !== undefined) return { channel: event.channel, threadTs: event.thread_ts ?? null };
  const found = channel_id ?? channel?.id ?? container?.channel_id;
  if (found !== undefined) return { channel: found, threadTs: container?.thread_ts ?? null };
  try {
    return metadata.parse(JSON.parse(view?.private_metadata ?? "null")).place;
  } catch {
    return null;
  }
}

const respondTo =
  (url: string, { fetch }: Pick<Setting, "fetch">): Respond =>
  (content: Response) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content) });

/** Bolt wraps what its listeners throw. */
function causeOf(error: unknown): unknown {
  if (error instanceof SlackFailed || !(error instanceof Error)) return error;
  return "original" in error && error.original instanceof Error ? causeOf(error.original) : error;
}

const ofSlack = ({ message, failure }: SlackFailed): Reply => ({
  title: "Slack did not take the bot's answer",
  tone: "warning",
  parts: [
    { kind: "text", text: `• your click or command came to nothing: ${message}` },
    { kind: "text", text: "• nothing was run by it" },
    { kind: "text", text: `Fix: ${fixOf(failure) ?? "wait a minute"}; then click or send it again` },
  ],
  next: [],
});

function ofBug(error: unknown, { log }: Setting): Reply {
  const bug = randomUUID().slice(0, 8);
  log.error(`bug ${bug}: a gesture in Slack was not answered`, error);
  return {
    title: `This is a bug of the bot (${bug})`,
    tone: "bad",
    parts: [
      { kind: "text", text: `Nothing is claimed about what was done. The bot's log has the details under ${bug}.` },
    ],
    next: ["operation list"],
  };
}
