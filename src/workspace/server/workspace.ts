import type { Clock } from "../../flow/ports.ts";
import type { Directory } from "./directory.ts";
import type { EventDelivery } from "./event-delivery.ts";
import type { Homes } from "./homes.ts";
import type { Messages } from "./messages.ts";
import type { PageEvents } from "./page-events.ts";
import type { ResponseUrls } from "./response-urls.ts";
import type { SlackFaults } from "./slack-faults.ts";
import type { SocketMode } from "./socket-mode.ts";
import type { Triggers } from "./triggers.ts";
import type { Uploads } from "./uploads.ts";
import type { Views } from "./views.ts";

/** What the parts of the workspace share: its people and channels, what was said, and the way to the app. */
export interface Workspace {
  readonly directory: Directory;
  readonly slackFaults: SlackFaults;
  readonly clock: Clock;
  readonly messages: Messages;
  readonly views: Views;
  readonly homes: Homes;
  readonly uploads: Uploads;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly socketMode: SocketMode;
  readonly events: EventDelivery;
  readonly pageEvents: PageEvents;
  readonly slashCommand: string;
  /** `http://127.0.0.1:PORT/KEY`, the prefix of all its paths; known when the server listens. */
  address(): string;
  /** The same for WebSockets: `ws://127.0.0.1:PORT/KEY`. */
  socketAddress(): string;
}
