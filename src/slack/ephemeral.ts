import { runInSlices } from "../core/parts.ts";
import type { Message } from "../flow/ports.ts";
import { makingTexts, messageOf } from "./blocks.ts";
import type { BlockKinds } from "./fallback.ts";
import { failureIn, realTime, retryUntil } from "./retry.ts";
import type { Content } from "./text.ts";

/** One way to reach a person; resolves if it took the message. Without blocks Slack shows the text. */
export type Way = (content: { readonly text: string; readonly blocks?: Content["blocks"] }) => Promise<unknown>;

/** How long one way is tried before the next one. */
const TRIES_MS = 3_000;
/** A response URL takes five answers. The first one has the blocks. */
const MOST_TEXTS = 4;

/**
 * Sends a message to one person, by the first way that takes it. A file would be visible to others. So the parts that
 * don't fit into the blocks follow as aligned text. Resolves to the errors of the ways, and whether one of them took
 * the message.
 */
export async function sentEphemeral(
  message: Message,
  ways: Readonly<Record<string, Way>>,
  kinds: BlockKinds,
): Promise<{ readonly isShown: boolean; readonly problems: readonly string[] }> {
  const { text } = messageOf(message, false);
  const texts = await runInSlices(makingTexts(message.reply, MOST_TEXTS));
  const problems: string[] = [];
  for (const [name, way] of Object.entries(ways)) {
    let sent: string | null = null;
    // A response URL does not always say why it refuses. The text alone may get through if the blocks do not.
    const shown = async (): Promise<boolean> => {
      try {
        const { overflow } = await kinds.send(
          (each) => messageOf(message, false, { kinds: each }),
          async (content) => {
            await way({ text: content.text, blocks: content.blocks });
            return content;
          },
          (error) => !isAboutPlace(error),
        );
        return overflow === null;
      } catch (error) {
        if (isAboutPlace(error)) throw error;
        sent = texts[0] ?? text;
        await way({ text: sent });
        return texts.length < 2;
      }
    };
    try {
      const isWhole = await withRetries(shown);
      for (const each of isWhole ? [] : texts) if (each !== sent) await withRetries(() => way({ text: each }));
      return { isShown: true, problems };
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { isShown: false, problems };
}

const withRetries = <T>(call: () => Promise<T>): Promise<T> => retryUntil(call, Date.now() + TRIES_MS, realTime);

const isAboutPlace = (error: unknown): boolean => ["channel", "token", "access"].includes(failureIn(error).about);
