import type { App } from "@slack/bolt";
import type { Flow } from "../flow/flow.ts";
import { listenToClicks } from "./clicks.ts";
import type { Setting } from "./conversation.ts";
import { Seen } from "./seen.ts";
import { listenToWords } from "./words.ts";

/** What people do in Slack, passed to the flow: acked first, taken once, then answered. */
export function listen(app: App, flow: Flow, setting: Setting): void {
  const seen = new Seen();
  listenToWords(app, flow, setting, seen);
  listenToClicks(app, flow, setting, seen);
  app.error(async (error) => setting.log.error("a gesture in Slack was not answered", error));
}
