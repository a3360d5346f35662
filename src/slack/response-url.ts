import { z } from "zod";
import type { Content } from "./content.ts";
import { failureOf } from "./failure.ts";
import { SlackFailed } from "./persistence.ts";

/** What goes to a response URL: words that one person sees, or what takes the place of the message that was clicked. */
export interface Response {
  readonly text: string;
  readonly blocks?: Content["blocks"];
  readonly response_type: "ephemeral";
  readonly replace_original: boolean;
}
/** By a response URL an answer can go where the bot is no member. */
export type Respond = (content: Response) => Promise<unknown>;

const LIMIT_MS = 10_000;

const taken = z.object({ ok: z.literal(true) });
const refused = z.object({ ok: z.literal(false), error: z.string() });

/** Sends it, in limited time. Rejects with a SlackFailed if what answers has not taken it. */
export async function send(respond: Respond, content: Response): Promise<void> {
  try {
    await sendOnce(respond, content);
  } catch (error) {
    throw new SlackFailed(failureOf(error), error);
  }
}

/** A refusal and a page may have the status 200. */
async function sendOnce(respond: Respond, content: Response): Promise<void> {
  const answer = await limited(respond(content));
  const body = (await limited(bodyOf(answer))).trim();
  if (body === "ok") return;
  const json = jsonOf(body);
  if (taken.safeParse(json).success) return;
  const { data } = refused.safeParse(json);
  throw Object.assign(new Error(`the response URL says ${data?.error ?? "what Slack does not say"}`), { data });
}

/** By what it can do: a proxy's answer is of another class. */
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

/** How long Slack takes answers there. */
const LIFE_MS = 30 * 60_000;
const KEPT = 500;

/** The response URLs of clicks, by the message and the person: a form that a click opened has none of its own. */
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
