import type { Config } from "./config.ts";
import { Refusal } from "./core/refusal.ts";
import { checkTokens } from "./slack/tokens.ts";
import { throughProxy } from "./slack/way-out.ts";

/** Why Slack can't be reached from here now, for a process without the bot's connection. null: it can. */
export async function whySlackIsAway({ slack, proxy }: Config): Promise<string | null> {
  if (slack === null) return null;
  try {
    await checkTokens({ ...slack, ...(proxy && { wayOut: throughProxy(proxy) }) }, { info: () => undefined });
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.error.reasons.join("; ");
  }
}
