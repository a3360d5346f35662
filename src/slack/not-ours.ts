import type { types } from "@slack/bolt";
import { errorLines, operatorError, reason } from "../core/refusal.ts";
import { notice } from "./form.ts";

export const notOurs = operatorError(
  "This click is not known here",
  reason(
    "PLAN_NOT_KNOWN",
    "another program with the same Slack tokens showed the message, or another version of the bot",
  ),
);

/** The view that replaces a form that is not ours. */
export const notOursView = (): types.ModalView => notice(errorLines(notOurs).join("\n"));
