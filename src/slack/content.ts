import type { types } from "@slack/bolt";

/** What one message is made of. */
export interface Content {
  /** What notifications and screen readers say; escaped, since Slack reads it as mrkdwn. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}
