import type { App } from "@slack/bolt";
import type { Flow } from "../flow/flow.ts";
import { normalise } from "../language/normalise.ts";
import type { Place } from "./channel.ts";
import { conversationWith, type Respond, type Setting } from "./conversation.ts";
import type { Seen } from "./seen.ts";

/** The slash command, and mentions of the bot, which work in threads too. */
export function listenToWords(app: App, flow: Flow, setting: Setting, seen: Seen): void {
  const ask = (words: string, user: string, place: Place, respond?: Respond) => {
    const conversation = conversationWith(user, place, setting, respond);
    return setting.allowed.length === 0 || setting.allowed.includes(place.channel)
      ? flow.ask(normalise(words), user, conversation)
      : conversation.whisper({ reply: elsewhere(setting.allowed) });
  };

  app.command(/^\/zstack/, async ({ command, ack, respond }) => {
    await ack();
    if (!seen.isNew(command.trigger_id)) return;
    await ask(command.text, command.user_id, { channel: command.channel_id, threadTs: null }, respond);
  });

  app.event("app_mention", async ({ event, body, context }) => {
    if (!seen.isNew(body.event_id) || event.user === undefined) return;
    const place = { channel: event.channel, threadTs: event.thread_ts ?? null };
    await ask(saidTo(context.botUserId ?? "", event.text), event.user, place);
  });
}

/**
 * What was said to the bot: all after the first mention of it, `hey <@U1> <@UBOT> zone list`; or, where nothing comes after
 * it, all before, `zone list <@UBOT>`.
 */
export function saidTo(bot: string, text: string): string {
  const [before = "", ...after] = text.split(new RegExp(`<@${bot}(?:\\|[^>]*)?>`)).map((part) => part.trim());
  const words = after.filter((part) => part !== "").join(" ");
  return words === "" ? before : words;
}

const elsewhere = (allowed: readonly string[]) => ({
  title: "Not in this channel",
  tone: "warning" as const,
  parts: [{ kind: "text" as const, text: `The bot takes commands in ${allowed.join(", ")} only (CHANNELS).` }],
  next: [],
});
