import { mayHaveEffect } from "./failure.ts";
import { realTime, retryUntil } from "./retry.ts";
import { slackCode } from "./slack-code.ts";

/** A trigger is valid for 3 s. */
export const TRIGGER_MS = 2_000;

/**
 * Opens a view; null if Slack's answer was lost. A trigger opens only one view. So if an answer was lost and the
 * trigger is used up, the view is open.
 */
export async function opened<T>(open: () => Promise<T>): Promise<T | null> {
  let mayBeOpen = false;
  const attempt = async () => {
    try {
      return await open();
    } catch (error) {
      if (mayBeOpen && slackCode(error) === "exchanged_trigger_id") return null;
      mayBeOpen ||= mayHaveEffect(error);
      throw error;
    }
  };
  return retryUntil(attempt, Date.now() + TRIGGER_MS, realTime);
}
