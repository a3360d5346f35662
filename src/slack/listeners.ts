import type { App } from "@slack/bolt";
import type { Flow } from "../flow/flow.ts";
import { listenToClicks } from "./clicks.ts";
import type { Setting } from "./conversation.ts";
import { answerFailedEvent } from "./failed-event.ts";
import { listenToForms } from "./open-form.ts";
import { listenToWords } from "./words.ts";

/** Passes what people do in Slack to the flow. An event is acknowledged first, taken once, and then answered. */
export function listen(app: App, flow: Flow, setting: Setting): void {
  app.use(async ({ body, next }) => {
    setting.channels.names.note(body);
    await next();
  });
  listenToWords(app, flow, setting);
  listenToClicks(app, flow, setting);
  listenToForms(app, flow, setting);
  app.error(async ({ error, body }: { error: Error; body: unknown }) => answerFailedEvent(error, body, setting));
}
