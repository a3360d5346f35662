import type { types } from "@slack/bolt";
import type { Buttons } from "../flow/ports.ts";
import { visible } from "../text/visible.ts";
import { buttonValue } from "./button-value.ts";
import { limits } from "./limits.ts";
import { cut, plainText } from "./text.ts";

/** Characters of the dialog's text. They count as a part of the message. */
const WARNING_CHARACTERS = 200;

/**
 * The two buttons under a plan. Only the first one is emphasised. If something will be lost, it is red and opens a
 * dialog. Each plan has its own block_id. So a click on an older copy of the message is recognised.
 */
export function decisionBlock({ operationId, seal, verb, warning }: Buttons): types.KnownBlock {
  const value = buttonValue({ operationId, seal });
  const label = cut(visible(verb), limits.buttonCharacters);
  const style = warning === null ? "primary" : "danger";
  const dialog: types.ConfirmationDialog | null =
    warning === null
      ? null
      : {
          title: plainText(cut(`${label}?`, limits.dialogTitleCharacters)),
          text: plainText(cut(visible(warning), WARNING_CHARACTERS)),
          confirm: plainText(cut(label, limits.dialogButtonCharacters)),
          deny: plainText("Go Back"),
          style: "danger",
        };
  return {
    type: "actions",
    block_id: `${DECISION}-${seal.slice(-8)}`,
    elements: [
      {
        type: "button",
        text: plainText(label),
        action_id: "confirm",
        value,
        style,
        ...(dialog !== null && { confirm: dialog }),
      },
      { type: "button", text: plainText("Cancel"), action_id: "cancel", value },
    ],
  };
}

const DECISION = "decision";

/** Whether a block has the buttons of a plan. */
export const isDecision = (block: types.KnownBlock): boolean =>
  block.type === "actions" && block.block_id?.startsWith(DECISION) === true;
