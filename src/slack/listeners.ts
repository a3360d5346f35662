import type { App } from "@slack/bolt";
import type { Flow } from "../flow/flow.ts";
import type { HomeDesk } from "../flow/home-desk.ts";
import { listenToClicks } from "./clicks.ts";
import type { Setting } from "./conversation.ts";
import { answerFailedEvent } from "./failed-event.ts";
import { listenToHome } from "./home-clicks.ts";
import { listenToForms } from "./open-form.ts";
import { listenToShortForms } from "./short-form.ts";
import { listenToWords } from "./words.ts";

/** Passes what people do in Slack to the flow. An event is acknowledged first, taken once, and then answered. */
export function listen(app: App, flow: Flow, homes: HomeDesk, setting: Setting): void {
  app.use(async ({ body, next }) => {
    setting.channels.names.note(body);
    await next();
  });
  listenToWords(app, flow, setting);
  listenToClicks(app, flow, homes, setting);
  listenToHome(app, homes, setting);
  listenToForms(app, flow, setting);
  listenToShortForms(app, flow, setting);
  app.error(async ({ error, body }: { error: Error; body: unknown }) => answerFailedEvent(error, body, setting));
}
