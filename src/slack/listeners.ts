import type { App } from "@slack/bolt";
import { z } from "zod";
import type { Flow } from "../flow/flow.ts";
import type { Conversation, Log, Message } from "../flow/ports.ts";
import { normalise } from "../language/normalise.ts";
import { messageOf } from "./blocks.ts";
import { type Place, placeSchema, type SlackChannels } from "./channel.ts";
import { formOf, typedInput } from "./form.ts";
import { Seen } from "./seen.ts";

export interface Setting {
  readonly channels: SlackChannels;
  /** Channel ids where commands are taken; empty: everywhere. */
  readonly allowed: readonly string[];
  readonly log: Log;
}

const clickSchema = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }),
  actions: z.array(z.object({ value: z.string() })).min(1),
});
const formSchema = z.object({
  id: z.string(),
  private_metadata: z.string(),
  state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) }),
});
const metadataSchema = z.strictObject({ operationId: z.string(), messageId: z.string(), place: placeSchema });

/** What people do in Slack, passed to the flow: acked first, taken once, then answered. */
export function listen(app: App, flow: Flow, { channels, allowed, log }: Setting): void {
  const seen = new Seen();
  const talk = (place: Place, user: string, respond?: (content: object) => Promise<unknown>): Conversation => {
    const { channel, threadTs } = place;
    const thread = threadTs === null ? {} : { thread_ts: threadTs };
    const whisper = async (message: Message) => {
      const { text, blocks } = messageOf(message, false);
      try {
        if (respond) await respond({ response_type: "ephemeral", replace_original: false, text, blocks });
        else await app.client.chat.postEphemeral({ channel, user, ...thread, text, blocks });
      } catch (error) {
        log.error(`telling ${user} something in ${channel}`, error);
      }
    };
    return { ...channels.at(JSON.stringify(place)), whisper };
  };
  const ask = (words: string, user: string, conversation: Conversation, channel: string) =>
    allowed.length === 0 || allowed.includes(channel)
      ? flow.ask(normalise(words), user, conversation)
      : conversation.whisper({ reply: elsewhere(allowed) });

  app.command(/^\/zstack/, async ({ command, ack, respond }) => {
    await ack();
    if (!seen.isNew(command.trigger_id)) return;
    const place = { channel: command.channel_id, threadTs: null };
    await ask(command.text, command.user_id, talk(place, command.user_id, respond), command.channel_id);
  });

  app.event("app_mention", async ({ event, body }) => {
    if (!seen.isNew(body.event_id) || event.user === undefined) return;
    const place = { channel: event.channel, threadTs: event.thread_ts ?? null };
    const words = event.text.replace(/^.*?<@[A-Z0-9]+(\|[^>]*)?>/s, "");
    await ask(words, event.user, talk(place, event.user), event.channel);
  });

  const clicked = (body: unknown) => {
    const { trigger_id, user, channel, message, actions } = clickSchema.parse(body);
    const place = { channel: channel.id, threadTs: message.thread_ts ?? null };
    return { triggerId: trigger_id, user: user.id, place, messageId: message.ts, operationId: actions[0]?.value ?? "" };
  };
  app.action("confirm", async ({ body, ack, respond, client }) => {
    await ack();
    const { triggerId, user, place, messageId, operationId } = clicked(body);
    if (!seen.isNew(triggerId)) return;
    const buttons = flow.formFor(operationId, user);
    if (buttons === null) {
      return flow.confirm({ operationId, by: user, typed: null, messageId }, talk(place, user, respond));
    }
    const metadata = JSON.stringify({ operationId, messageId, place });
    await client.views.open({ trigger_id: triggerId, view: formOf(buttons, metadata) });
  });
  app.action("cancel", async ({ body, ack, respond }) => {
    await ack();
    const { triggerId, user, place, operationId } = clicked(body);
    if (seen.isNew(triggerId)) await flow.cancel(operationId, user, talk(place, user, respond));
  });

  app.view("confirm", async ({ body, ack }) => {
    const view = formSchema.parse(body.view);
    const { operationId, messageId, place } = metadataSchema.parse(JSON.parse(view.private_metadata));
    const typed = view.state.values[typedInput.blockId]?.[typedInput.actionId]?.value ?? null;
    const wrong = flow.wrongInForm(operationId, typed);
    if (wrong !== null) return ack({ response_action: "errors", errors: { [typedInput.blockId]: wrong } });
    await ack();
    const by = body.user.id;
    if (seen.isNew(view.id)) await flow.confirm({ operationId, by, typed, messageId }, talk(place, by));
  });

  app.error(async (error) => log.error("a gesture in Slack was not answered", error));
}

const elsewhere = (allowed: readonly string[]) => ({
  title: "Not in this channel",
  tone: "warning" as const,
  parts: [{ kind: "text" as const, text: `The bot takes commands in ${allowed.join(", ")} only (CHANNELS).` }],
  next: [],
});
