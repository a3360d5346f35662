import type { App } from "@slack/bolt";
import { z } from "zod";
import { operatorError, reason } from "../core/refusal.ts";
import type { Flow } from "../flow/flow.ts";
import type { HomeDesk } from "../flow/home-desk.ts";
import type { Conversation } from "../flow/ports.ts";
import { type Admitted, inPrivate } from "./admission.ts";
import { nextIn } from "./buttons.ts";
import type { Setting } from "./conversation.ts";
import { admitted, millisecondsOf } from "./gate.ts";
import { OPEN_LINK } from "./home.ts";
import { noted } from "./note-of-place.ts";
import { openFormFor } from "./open-form.ts";
import { TRIGGER_MS } from "./open-view.ts";
import { interactionSchema, originOfInteraction } from "./origin.ts";
import { openShortForm } from "./short-form.ts";

const openedSchema = z.object({
  team_id: z.string().nullish(),
  event: z.object({ user: z.string(), tab: z.string().default("home") }),
});
const pressSchema = interactionSchema.extend({
  trigger_id: z.string(),
  actions: z.tuple([z.object({ value: z.string(), action_ts: z.string().nullish() })]),
});
/** A Home is in no channel, so its click names none. */
const onHomeSchema = pressSchema.extend({ view: z.object({ type: z.literal("home") }) });
const inDirectSchema = pressSchema.extend({ container: z.object({ channel_id: z.string().startsWith("D") }) });

/** The Home tab: it is published when a person opens it. */
export function listenToHome(app: App, homes: HomeDesk, { own, log }: Setting): void {
  app.event("app_home_opened", async ({ body }) => {
    const { team_id: team, event } = openedSchema.parse(body);
    if (event.tab !== "home") return;
    const origin = originOfInteraction({ user: { id: event.user }, team: team ? { id: team } : null }, own);
    if (origin.kind === "person") return homes.opened(event.user);
    log.info(`${event.user} of another workspace opened the Home; it is not published`);
  });
  app.action(OPEN_LINK, ({ ack }) => ack());
}

/**
 * A click on a Home, or on what the bot sent to the person in direct messages: both are the app's own pages. null: it is
 * one in a channel.
 */
export const homePressIn = (body: unknown): z.output<typeof pressSchema> | null =>
  onHomeSchema.safeParse(body).data ?? inDirectSchema.safeParse(body).data ?? null;

/**
 * Runs the command of a button as the person who clicks. A change is answered in the bot's channel, because the channel
 * is the record that others read; the person gets a link to it. A query concerns only the person, who gets a direct
 * message.
 */
export async function pressOnHome(
  press: z.output<typeof pressSchema>,
  flow: Flow,
  homes: HomeDesk,
  setting: Setting,
): Promise<void> {
  const { user, trigger_id: triggerId } = press;
  const [{ value, action_ts }] = press.actions;
  const pressed = nextIn(value);
  const opensForm = flow.opensForm(pressed);
  const changes = flow.changes(pressed.words);
  const inChannel = changes && setting.homeChannel !== null;
  const channel = inChannel ? setting.homeChannel : await setting.channels.directChannel(user.id);
  const place = { channel, threadTs: null };
  const admits = async (): Promise<Admitted> => {
    if (changes) return { kind: "nothing", why: noChannel };
    const why = await homes.whyNot(user.id);
    return why === null ? { kind: "questions only", why: inPrivate } : { kind: "nothing", why };
  };
  const conversation = await admitted(
    {
      userEvent: { id: `click ${triggerId}`, madeAt: millisecondsOf(action_ts) },
      origin: originOfInteraction(press, setting.own),
      ...{ place, channelName: null, isPrivate: true },
      ...(!inChannel && { admits }),
      ...(opensForm && { withinMs: TRIGGER_MS }),
    },
    setting,
  );
  if (conversation === null) return;
  const here: Conversation = inChannel
    ? noted(conversation, { words: pressed.words, by: user.id }, setting)
    : conversation;
  const opening = { triggerId, by: user.id, place, conversation: here, isFromHome: true };
  if (opensForm && (await openFormFor(pressed.words, opening, flow, setting))) return;
  if (opensForm && (await openShortForm(pressed.words, opening, flow, setting))) return;
  await flow.press(pressed, user.id, here);
  homes.changed();
}

const noChannel = operatorError(
  "Nothing can be changed from the Home",
  reason("NO_CHANNEL", "changes are reported in the first channel of CHANNELS, and CHANNELS is empty"),
);
