import { errorReply } from "../core/error-reply.ts";
import type { OperatorError } from "../core/refusal.ts";
import type { Conversation } from "../flow/ports.ts";
import { conversationWith, type Setting } from "./conversation.ts";
import { foreignWorkspace, type Origin } from "./origin.ts";
import type { Place } from "./place.ts";
import type { Respond } from "./response-url.ts";
import type { UserEvent } from "./seen.ts";

export interface Arrival {
  readonly userEvent: UserEvent;
  readonly origin: Origin;
  readonly place: Place;
  readonly channelName: string | null;
  readonly respond?: Respond;
  /** How long the channel may be asked about; a form can be opened for three seconds after the click. */
  readonly withinMs?: number;
  /** Whether it confirms a plan: a channel that the bot was just removed from does not count. */
  readonly confirms?: boolean;
}

/**
 * The way of every gesture to the flow: new, from a person of this workspace, in a channel where commands are taken now.
 * Null: it has no effect, and its author was told why if that helps.
 */
export async function admitted(arrival: Arrival, setting: Setting): Promise<Conversation | null> {
  const { userEvent, origin, place, channelName, respond, withinMs, confirms = false } = arrival;
  const { seen, admission, log } = setting;
  if (origin.kind === "bot") {
    log.info(`${origin.who} mentioned the bot in ${place.channel}; it is a bot or an app, so it gets no answer`);
    return null;
  }
  const conversation = (mayNotChangeHere: OperatorError | null) =>
    conversationWith(origin.user, place, setting, { mayNotChangeHere, ...(respond && { respond }) });
  const refuse = async (why: OperatorError) => {
    await conversation(why).sendEphemeral({ reply: errorReply(why, { tone: "warning", foot: "Nothing was run." }) });
    return null;
  };

  const taken = await seen.take(userEvent);
  if (taken.kind === "ignored") {
    log.info(`${userEvent.id} of ${origin.user} in ${place.channel} came again or too late; it has no effect`);
    return taken.notice === null ? null : refuse(taken.notice);
  }
  if (origin.kind === "outsider") {
    log.info(
      `${origin.user} of another workspace (${origin.team ?? "not named by Slack"}) was refused in ${place.channel}`,
    );
    return refuse(foreignWorkspace);
  }
  const here = await admission.to(place.channel, channelName, {
    ...(withinMs !== undefined && { withinMs }),
    afresh: confirms,
  });
  if (here.kind === "nothing") return refuse(here.why);
  return conversation(taken.noChange ?? (here.kind === "questions only" ? here.why : null));
}

/** Slack's times are seconds with a fraction; null for what is none. */
export function millisecondsOf(ts: string | null | undefined): number | null {
  const seconds = ts ? Number(ts) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}

/** A message that begins a thread bears its own ts as the thread's: what is clicked there is clicked in the channel. */
export const threadOf = (ts: string, threadTs: string | null | undefined): string | null =>
  threadTs === undefined || threadTs === ts ? null : threadTs;
