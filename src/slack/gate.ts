import { errorReply } from "../core/error-reply.ts";
import type { OperatorError } from "../core/refusal.ts";
import type { Conversation } from "../flow/ports.ts";
import type { Admitted } from "./admission.ts";
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
  /** How long the bot may ask about the channel. A form can be opened only within 3 s of the click. */
  readonly withinMs?: number;
  /** Whether the event confirms a plan. Then a kept membership of the bot is not enough. */
  readonly confirms?: boolean;
  /** The person does not see the place now: what only they must read is a direct message. */
  readonly isPrivate?: boolean;
  /** Decides instead of the admission to the channel, if the event comes from none. */
  readonly admits?: () => Promise<Admitted>;
}

/**
 * Every event passes here before the flow. It must be new, from a person of this workspace, and in a channel where
 * commands are taken now. null: it has no effect; its author was notified if that helps.
 */
export async function admitted(arrival: Arrival, setting: Setting): Promise<Conversation | null> {
  const { userEvent, origin, place, channelName, respond, withinMs, confirms = false, isPrivate = false } = arrival;
  const { seen, admission, log } = setting;
  if (origin.kind === "bot") {
    log.info(`${origin.who} mentioned the bot in ${place.channel}; it is a bot or an app, so it gets no answer`);
    return null;
  }
  const conversation = (mayNotChangeHere: OperatorError | null) =>
    conversationWith(origin.user, place, setting, { mayNotChangeHere, isPrivate, ...(respond && { respond }) });
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
  const here = await (arrival.admits?.() ??
    admission.to(place.channel, channelName, { ...(withinMs !== undefined && { withinMs }), again: confirms }));
  if (here.kind === "nothing") return refuse(here.why);
  return conversation(taken.noChange ?? (here.kind === "questions only" ? here.why : null));
}

/** Slack's times are seconds with a fraction; null if it is not a time. */
export function millisecondsOf(ts: string | null | undefined): number | null {
  const seconds = ts ? Number(ts) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}

/** A message that begins a thread has its own ts as `thread_ts`. A click there is a click in the channel. */
export const threadOf = (ts: string, threadTs: string | null | undefined): string | null =>
  threadTs === undefined || threadTs === ts ? null : threadTs;
