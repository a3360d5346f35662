import type { z } from "zod";
import { checked } from "./checked-blocks.ts";
import type { Tier } from "./rate-limits.ts";

/** One method of the Web API. */
export interface WebMethod {
  readonly token: "bot" | "app";
  readonly tier: Tier;
  /** What Slack adds to `{ "ok": true }`; throws a SlackError. */
  call(args: Record<string, unknown>): object;
}
export type WebMethods = Readonly<Record<string, WebMethod>>;

/** A method of the bot's token. Arguments it does not know are ignored, as Slack does. */
export function botMethod<A>(tier: Tier, args: z.ZodType<A>, call: (args: A) => object): WebMethod {
  return { token: "bot", tier, call: (given) => call(checked(args, given, "invalid_arguments", "")) };
}
