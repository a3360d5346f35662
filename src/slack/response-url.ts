import { z } from "zod";
import { failureOf } from "./failure.ts";
import { SlackFailed } from "./retry.ts";
import type { Content } from "./text.ts";

/** A message for a response URL: an ephemeral text, or the replacement of the clicked message. */
export interface Response {
  readonly text: string;
  readonly blocks?: Content["blocks"];
  /** Who sees a new message. A replacement of a message that is still there is seen by the same people as before. */
  readonly response_type: "ephemeral" | "in_channel";
  readonly replace_original: boolean;
}
/** A response URL works even in a channel where the bot is not a member. */
export type Respond = (content: Response) => Promise<unknown>;

const LIMIT_MS = 10_000;

const taken = z.object({ ok: z.literal(true) });
const refused = z.object({ ok: z.literal(false), error: z.string() });

/** Sends it with a time limit. Rejects with a SlackFailed if the answer is not a success. */
export async function send(respond: Respond, content: Response): Promise<void> {
  try {
    await sendOnce(respond, content);
  } catch (error) {
    throw new SlackFailed(failureOf(error), error);
  }
}

/** An answer with the status 200 can still be a refusal, or a page. */
async function sendOnce(respond: Respond, content: Response): Promise<void> {
  const answer = await limited(respond(content));
  const body = (await limited(bodyOf(answer))).trim();
  if (body === "ok") return;
  const json = jsonOf(body);
  if (taken.safeParse(json).success) return;
  const { data } = refused.safeParse(json);
  throw Object.assign(new Error(`the response URL says ${data?.error ?? "what Slack does not say"}`), { data });
}

/** Checked by its method: a proxy's answer has another class. */
const bodyOf = async (answer: unknown): Promise<string> => (hasText(answer) ? answer.text() : "ok");

const hasText = (answer: unknown): answer is Pick<globalThis.Response, "text"> =>
  typeof answer === "object" && answer !== null && "text" in answer && typeof answer.text === "function";

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function limited<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the response URL did not answer within ${LIMIT_MS / 1000} s`)),
      LIMIT_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How long Slack takes answers at a response URL. */
const LIFE_MS = 30 * 60_000;
const KEPT = 500;

/** The response URLs of clicks, by message and person. A form that a click opened has none of its own. */
export class ResponseUrls {
  readonly #kept = new Map<string, { readonly respond: Respond; readonly until: number }>();

  keep(channel: string, messageId: string, person: string, respond: Respond): void {
    const key = keyOf(channel, messageId, person);
    this.#kept.delete(key);
    this.#kept.set(key, { respond, until: Date.now() + LIFE_MS });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  of(channel: string, messageId: string, person: string): Respond | null {
    const found = this.#kept.get(keyOf(channel, messageId, person));
    return found !== undefined && found.until > Date.now() ? found.respond : null;
  }
}

const keyOf = (...parts: string[]): string => parts.join(" ");
