import type { FetchFunction } from "@slack/web-api";
import { z } from "zod";

/** The longest honest answer is a page of a channel's history. */
const LONGEST_BYTES = 16_000_000;

const answerSchema = z.looseObject({ ok: z.boolean() });

/** What the client takes for the name of an error, and `failureOf` for what is not Slack. */
const NOT_SLACKS = "this is no answer of Slack's";

/**
 * Lets through what Slack answers: JSON that says `ok` with true or false, of a bounded length. The client takes anything for
 * an answer, `{"ok":"true"}` of a proxy for a success, and reads a body without end.
 */
export const onlySlacksAnswers =
  (fetch: typeof globalThis.fetch, apiUrl: string): FetchFunction =>
  async (url, init) => {
    const answer = await fetch(url, init);
    // An upload goes to an address of its own, and is answered in words.
    if (answer.status !== 200 || !String(url).startsWith(apiUrl)) return answer;
    const { status, headers } = answer;
    const text = await textWithin(LONGEST_BYTES, answer.body);
    const isSlacks = text !== null && answerSchema.safeParse(jsonOf(text)).success;
    const read = new Headers(headers);
    // It is read and unpacked.
    for (const name of ["content-encoding", "content-length"]) read.delete(name);
    return new Response(isSlacks ? text : NOT_SLACKS, { status, headers: read });
  };

/** null where it is longer. */
async function textWithin(longestBytes: number, body: ReadableStream<Uint8Array> | null): Promise<string | null> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop gives up the rest.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > longestBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
