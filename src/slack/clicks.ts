import type { App } from "@slack/bolt";
import { z } from "zod";
import { noSecrets } from "../core/secret.ts";
import type { WrongField } from "../flow/confirm.ts";
import type { Flow } from "../flow/flow.ts";
import { type Place, placeSchema } from "./channel.ts";
import { conversationWith, type Setting } from "./conversation.ts";
import { formOf, secretBlock, secretsIn, typedInput } from "./form.ts";
import type { Seen } from "./seen.ts";

const clickSchema = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }),
  actions: z.tuple([z.object({ value: z.string() })]),
});
const formSchema = z.object({
  id: z.string(),
  private_metadata: z.string(),
  state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) }),
});
const metadataSchema = z.strictObject({ operationId: z.string(), messageId: z.string(), place: placeSchema });

/** The buttons under a plan, and the form that Confirm opens. */
export function listenToClicks(app: App, flow: Flow, setting: Setting, seen: Seen): void {
  app.action("confirm", async ({ body, ack, respond, client }) => {
    await ack();
    const { triggerId, user, place, messageId, operationId } = clickIn(body);
    if (!seen.isNew(triggerId)) return;
    const buttons = flow.formFor(operationId, user);
    if (buttons === null) {
      const conversation = conversationWith(user, place, setting, respond);
      return flow.confirm({ operationId, by: user, typed: null, secrets: noSecrets, messageId }, conversation);
    }
    const metadata = JSON.stringify({ operationId, messageId, place });
    await client.views.open({ trigger_id: triggerId, view: formOf(buttons, metadata) });
  });

  app.action("cancel", async ({ body, ack, respond }) => {
    await ack();
    const { triggerId, user, place, operationId } = clickIn(body);
    if (seen.isNew(triggerId)) await flow.cancel(operationId, user, conversationWith(user, place, setting, respond));
  });

  app.view("confirm", async ({ body, ack }) => {
    const view = formSchema.parse(body.view);
    const { operationId, messageId, place } = metadataSchema.parse(JSON.parse(view.private_metadata));
    const typed = view.state.values[typedInput.blockId]?.[typedInput.actionId]?.value ?? null;
    const secrets = secretsIn(view.state.values);
    const wrong = flow.wrongInForm(operationId, { typed, secrets });
    if (wrong.length > 0) return ack({ response_action: "errors", errors: Object.fromEntries(wrong.map(errorOf)) });
    await ack();
    const by = body.user.id;
    if (!seen.isNew(view.id)) return;
    const click = { operationId, by, typed, secrets, messageId };
    await flow.confirm(click, conversationWith(by, place, setting));
  });
}

const errorOf = ({ field, why }: WrongField): [blockId: string, why: string] => [
  field === "typed" ? typedInput.blockId : secretBlock(field.secret),
  why,
];

interface Click {
  readonly triggerId: string;
  readonly user: string;
  readonly place: Place;
  readonly messageId: string;
  readonly operationId: string;
}

function clickIn(body: unknown): Click {
  const { trigger_id, user, channel, message, actions } = clickSchema.parse(body);
  const place = { channel: channel.id, threadTs: message.thread_ts ?? null };
  return { triggerId: trigger_id, user: user.id, place, messageId: message.ts, operationId: actions[0].value };
}
