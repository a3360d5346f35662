import type { App } from "@slack/bolt";
import { z } from "zod";
import { errorReply } from "../core/error-reply.ts";
import { noSecrets } from "../core/secret.ts";
import type { PlanClicked, WrongField } from "../flow/confirm.ts";
import type { Flow } from "../flow/flow.ts";
import type { HomeDesk } from "../flow/home-desk.ts";
import { nextActions, nextIn, planIn } from "./buttons.ts";
import type { Setting } from "./conversation.ts";
import { sendEphemeralTo } from "./event-author.ts";
import { formOf, secretBlock, secretsIn, typedInput } from "./form.ts";
import { type Arrival, admitted, millisecondsOf, threadOf } from "./gate.ts";
import { homePressIn, pressOnHome } from "./home-clicks.ts";
import { notOurs, notOursView } from "./not-ours.ts";
import { openFormFor } from "./open-form.ts";
import { opened, TRIGGER_MS } from "./open-view.ts";
import { interactionSchema, originOfInteraction } from "./origin.ts";
import { placeOf, placeSchema } from "./place.ts";
import type { Respond } from "./response-url.ts";
import { openShortForm } from "./short-form.ts";

const clickSchema = interactionSchema.extend({
  trigger_id: z.string(),
  channel: z.object({ id: z.string(), name: z.string().nullish() }),
  message: z.object({ ts: z.string(), thread_ts: z.string().nullish() }),
  actions: z.tuple([z.object({ value: z.string(), action_ts: z.string().nullish() })]),
});
const submissionSchema = interactionSchema.extend({
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) }),
  }),
});
/** A form of an older version has no `seal` and no `clickedAt`. */
const metadataSchema = z.object({
  operationId: z.string(),
  seal: z.string().nullable().default(null),
  messageId: z.string(),
  place: placeSchema,
  clickedAt: z.number().nullable().default(null),
});

/** The event of an ephemeral message has no message. Its container names it. */
const pressSchema = interactionSchema.extend({
  trigger_id: z.string(),
  container: z.object({ channel_id: z.string(), message_ts: z.string(), thread_ts: z.string().nullish() }),
  channel: z.object({ name: z.string().nullish() }).nullish(),
  message: z.object({ thread_ts: z.string().nullish() }).nullish(),
  actions: z.tuple([z.object({ value: z.string(), action_ts: z.string().nullish() })]),
});

/** The buttons under a plan, and the form that Confirm opens. */
export function listenToClicks(app: App, flow: Flow, homes: HomeDesk, setting: Setting): void {
  app.action("confirm", async ({ body, ack, respond, client }) => {
    await ack();
    const click = clickIn(body, setting, respond);
    if (click === null) return answerNotOurs(body, setting);
    const { triggerId, by, plan, arrival } = click;
    const conversation = await admitted({ ...arrival, confirms: true }, setting);
    if (conversation === null) return;
    const buttons = flow.formFor(plan, by, conversation);
    if (buttons === null) return flow.confirm({ ...plan, by, typed: null, secrets: noSecrets }, conversation);
    const metadata = { ...plan, place: arrival.place, clickedAt: arrival.userEvent.madeAt };
    const view = formOf(buttons, JSON.stringify(metadata));
    await opened(() => client.views.open({ trigger_id: triggerId, view }));
  });

  app.action("cancel", async ({ body, ack, respond }) => {
    await ack();
    const click = clickIn(body, setting, respond);
    if (click === null) return answerNotOurs(body, setting);
    const conversation = await admitted(click.arrival, setting);
    if (conversation !== null) await flow.cancel(click.plan, click.by, conversation);
  });

  app.action(nextActions, async ({ body, ack, respond }) => {
    await ack();
    const onHome = homePressIn(body);
    if (onHome !== null) return pressOnHome(onHome, flow, homes, setting);
    const { data: press } = pressSchema.safeParse(body);
    if (press === undefined) return answerNotOurs(body, setting);
    const { container, user, trigger_id: triggerId } = press;
    const [{ value, action_ts }] = press.actions;
    const pressed = nextIn(value);
    const opensForm = flow.opensForm(pressed);
    const { channel_id: channel, message_ts: messageId } = container;
    const threadTs = threadOf(messageId, press.message?.thread_ts ?? container.thread_ts);
    const isIncident = flow.isIncidentMessage(placeOf(channel), messageId);
    const place = { channel, threadTs: threadTs ?? (isIncident ? messageId : null) };
    const conversation = await admitted(
      {
        userEvent: { id: `click ${triggerId}`, madeAt: millisecondsOf(action_ts) },
        origin: originOfInteraction(press, setting.own),
        ...{ place, channelName: press.channel?.name ?? null, respond },
        ...(opensForm && { withinMs: TRIGGER_MS }),
      },
      setting,
    );
    if (conversation === null) return;
    const opening = { triggerId, by: user.id, place, conversation, respond };
    if (opensForm && (await openFormFor(pressed.words, opening, flow, setting))) return;
    if (opensForm && (await openShortForm(pressed.words, opening, flow, setting))) return;
    await flow.press(pressed, user.id, conversation);
  });

  // A button of another program with the same tokens, or of another version of the bot.
  app.action(notOurActions, async ({ body, ack }) => {
    await ack();
    await answerNotOurs(body, setting);
  });

  app.view("confirm", async ({ body, ack }) => {
    const submission = submissionSchema.parse(body);
    const { view, user } = submission;
    const metadata = metadataIn(view.private_metadata);
    if (metadata === null) return ack({ response_action: "update", view: notOursView() });
    const { place, clickedAt, ...plan } = metadata;
    const typed = view.state.values[typedInput.blockId]?.[typedInput.actionId]?.value ?? null;
    const secrets = secretsIn(view.state.values);
    const wrong = flow.wrongInForm(plan, { typed, secrets });
    if (wrong.length > 0) return ack({ response_action: "errors", errors: Object.fromEntries(wrong.map(errorOf)) });
    await ack();
    const userEvent = { id: `form ${view.id}`, madeAt: clickedAt, isForm: true };
    const origin = originOfInteraction(submission, setting.own);
    const respond = setting.responseUrls.of(place.channel, plan.messageId, user.id);
    const arrival = { userEvent, origin, place, channelName: null, confirms: true, ...(respond && { respond }) };
    const conversation = await admitted(arrival, setting);
    if (conversation !== null) await flow.confirm({ ...plan, by: user.id, typed, secrets }, conversation);
  });
}

/** Every action id except those of this file and of forms. */
const notOurActions = /^(?!(?:confirm|cancel|form-subject|open|run-\d{1,2})$)/;

const answerNotOurs = (body: unknown, setting: Setting) =>
  sendEphemeralTo(body, errorReply(notOurs, { tone: "warning", foot: "Nothing was run." }), setting);

const errorOf = ({ field, why }: WrongField): [blockId: string, why: string] => [
  field === "typed" ? typedInput.blockId : secretBlock(field.secret),
  why,
];

function metadataIn(text: string): z.output<typeof metadataSchema> | null {
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

interface Click {
  readonly triggerId: string;
  readonly by: string;
  readonly plan: PlanClicked;
  readonly arrival: Arrival;
}

/** null: not a button of this bot. */
function clickIn(body: unknown, setting: Setting, respond: Respond): Click | null {
  const { data: click } = clickSchema.safeParse(body);
  if (click === undefined) return null;
  const { trigger_id: triggerId, channel, message, user } = click;
  const [{ value, action_ts }] = click.actions;
  setting.responseUrls.keep(channel.id, message.ts, user.id, respond);
  return {
    triggerId,
    by: user.id,
    plan: { ...planIn(value), messageId: message.ts },
    arrival: {
      userEvent: { id: `click ${triggerId}`, madeAt: millisecondsOf(action_ts) },
      origin: originOfInteraction(click, setting.own),
      place: { channel: channel.id, threadTs: threadOf(message.ts, message.thread_ts) },
      channelName: channel.name ?? null,
      respond,
      withinMs: TRIGGER_MS,
    },
  };
}
