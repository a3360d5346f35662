import type { types } from "@slack/bolt";

/** The content of one message. */
export interface Content {
  /** The text of notifications and screen readers. It is escaped, because Slack reads it as mrkdwn. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}
