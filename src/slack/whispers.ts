import type { Message } from "../flow/ports.ts";
import { type Content, messageOf, wholeAsTexts } from "./blocks.ts";
import { failureOf } from "./failure.ts";
import { persistently, realTime, SlackFailed } from "./persistence.ts";

/** One way to reach a person; resolves where it took the words. Without blocks Slack shows the text. */
export type Way = (content: { readonly text: string; readonly blocks?: Content["blocks"] }) => Promise<unknown>;

/** A way that fails is tried for so long before the next one. */
const TRIES_MS = 3_000;
/** A response URL takes five answers; the first of them are the blocks. */
const MOST_TEXTS = 4;

/**
 * Tells one person something, by the first way that takes it. Nobody else sees a file of it, so what the blocks can't hold
 * follows as aligned text. Resolves to what went wrong, by way; `told` says whether one of them took it.
 */
export async function whispered(
  message: Message,
  ways: Readonly<Record<string, Way>>,
): Promise<{ readonly told: boolean; readonly problems: readonly string[] }> {
  const { text, blocks, overflow } = messageOf(message, false);
  const texts = wholeAsTexts(message.reply, MOST_TEXTS);
  const problems: string[] = [];
  for (const [name, way] of Object.entries(ways)) {
    const send = (content: Parameters<Way>[0]) => persistently(() => way(content), Date.now() + TRIES_MS, realTime);
    try {
      const isShown = await send({ text, blocks }).then(
        () => true,
        (error: unknown) => {
          if (!isTooMuch(error)) throw error;
          return false;
        },
      );
      if (!isShown || overflow !== null) for (const each of texts) await send({ text: each });
      return { told: true, problems };
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { told: false, problems };
}

const isTooMuch = (error: unknown): boolean =>
  (error instanceof SlackFailed ? error.failure : failureOf(error)).about === "content";
