import type { App } from "@slack/bolt";
import type { Flow } from "../flow/flow.ts";
import { copied } from "../language/copied.ts";
import { normalise } from "../language/normalise.ts";
import type { Setting } from "./conversation.ts";
import { type Arrival, admitted, millisecondsOf, threadOf } from "./gate.ts";
import { openFormFor } from "./open-form.ts";
import { TRIGGER_MS } from "./open-view.ts";
import { commandSchema, mentionSchema, originOfCommand, originOfMention } from "./origin.ts";

/** The slash command, and mentions of the bot, which also work in threads. */
export function listenToWords(app: App, flow: Flow, setting: Setting): void {
  const ask = async (said: string, arrival: Arrival, triggerId: string | null) => {
    const words = copied(normalise(said));
    const opensForm = triggerId !== null && flow.forms.commandOfForm(words) !== null;
    const conversation = await admitted({ ...arrival, ...(opensForm && { withinMs: TRIGGER_MS }) }, setting);
    if (conversation === null || arrival.origin.kind === "bot") return;
    const { user } = arrival.origin;
    if (opensForm && (await openFormFor(words, { ...arrival, triggerId, by: user, conversation }, flow, setting)))
      return;
    await flow.ask(words, user, conversation);
  };

  app.command(/^\/zstack/, async ({ command: payload, ack, respond, context }) => {
    await ack();
    const command = commandSchema.parse(payload);
    const text = command.text.trim();
    const mention = mentionOf(context.botUserId ?? "");
    await ask(
      text.search(mention) === 0 ? wordsAfterMention(context.botUserId ?? "", text) : text,
      {
        // Slack does not say when a slash command was typed.
        userEvent: { id: `command ${command.trigger_id}`, madeAt: null },
        origin: originOfCommand(command, setting.own),
        place: { channel: command.channel_id, threadTs: null },
        channelName: command.channel_name ?? null,
        respond,
      },
      command.trigger_id,
    );
  });

  app.event("app_mention", async ({ body, context }) => {
    const mention = mentionSchema.parse(body);
    const { event } = mention;
    await ask(
      wordsAfterMention(context.botUserId ?? "", event.text),
      {
        // An edited message comes again with the same ts. It is answered only if it was never taken.
        userEvent: {
          id: `mention ${event.channel} ${event.ts}`,
          madeAt: millisecondsOf(event.ts),
          editedAt: millisecondsOf(event.edited?.ts),
        },
        origin: originOfMention(mention, setting.own),
        place: { channel: event.channel, threadTs: threadOf(event.ts, event.thread_ts) },
        channelName: null,
      },
      null,
    );
  });
}

/**
 * The command in a message to the bot: the text after its first mention, `hey <@U1> <@UBOT> zone list`. If nothing
 * follows the mention, the text before it: `zone list <@UBOT>`.
 */
export function wordsAfterMention(bot: string, text: string): string {
  const [before = "", ...after] = text.split(mentionOf(bot)).map((part) => part.trim());
  const words = after.filter((part) => part !== "").join(" ");
  // The whole message may be bold or similar: a mark after the command then begins before the mention.
  const [begun = ""] = /[*_~]+$/.exec(before) ?? [];
  return words === "" ? before : `${begun}${words}`;
}

const mentionOf = (bot: string): RegExp => new RegExp(`<@${bot}(?:\\|[^>]*)?>`);
