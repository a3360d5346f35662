import { z } from "zod";
import {
  breakAnswerSchema,
  type Choose,
  type Click,
  type San,
  type Say,
  type Submit,
  type Suggest,
  type SuggestAnswer,
  sanSchema,
  submitAnswerSchema,
  suggestAnswerSchema,
} from "../page-protocol.ts";

/** What a person does on the page, one POST each. A rejection's message can be shown to the person. */

export async function say(words: Say): Promise<void> {
  await post("page/say", words);
}

export async function click(button: Click): Promise<void> {
  await post("page/click", button);
}

export async function openHome(person: string): Promise<void> {
  await post("page/open-home", { person });
}

/** What to show under which input, by block_id; empty when the modal was accepted. */
export async function submit(form: Submit): Promise<Readonly<Record<string, string>>> {
  const response = await post("page/submit", form);
  return submitAnswerSchema.parse(await response.json()).errors;
}

export async function suggest(menu: Suggest): Promise<SuggestAnswer> {
  const response = await post("page/suggest", menu);
  return suggestAnswerSchema.parse(await response.json());
}

export async function choose(chosen: Choose): Promise<void> {
  await post("page/choose", chosen);
}

export async function close(person: string, viewId: string): Promise<void> {
  await post("page/close", { person, viewId });
}

export async function loadSan(): Promise<San> {
  const response = await fetch("page/san", { cache: "no-store" });
  if (!response.ok) throw new Error(`The local workspace has no SAN to break: ${await reasonOf(response)}`);
  return sanSchema.parse(await response.json());
}

/** Resolves to the new state, in one line. A refusal's message has its lines. */
export async function breakSan(words: string): Promise<string> {
  const response = await post("page/san", { words });
  return breakAnswerSchema.parse(await response.json()).text;
}

async function post(path: string, body: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The local workspace does not answer. Is the bot still running?");
  }
  if (!response.ok) throw new Error(`The local workspace refused this: ${await reasonOf(response)}`);
  return response;
}

const refusalSchema = z.object({ error: z.string() });

async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return refusalSchema.parse(JSON.parse(text)).error;
  } catch {
    return text.trim() === "" ? String(response.status) : text.slice(0, 300);
  }
}
