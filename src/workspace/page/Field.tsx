import { useId } from "react";
import type { BlockOf } from "./blocks.ts";
import { TextView } from "./Mrkdwn.tsx";

/** One input block of a modal: its label, the line to fill in, and what was wrong with it. */
export function Field({ block, error }: { block: BlockOf<"input">; error: string | null }) {
  const id = useId();
  const { element } = block;
  const shared = {
    id,
    name: fieldName(block.block_id, element.action_id),
    defaultValue: element.initial_value,
    placeholder: element.placeholder?.text,
    required: block.optional !== true,
    autoComplete: "off",
    spellCheck: false,
    "aria-invalid": error !== null,
    "aria-describedby": `${id}-hint ${id}-error`,
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        <TextView text={block.label} />
        {block.optional === true ? <span className="optional"> (optional)</span> : null}
      </label>
      {element.multiline === true ? <textarea rows={4} {...shared} /> : <input type="text" {...shared} />}
      <p id={`${id}-error`} className="field-error" role="alert">
        {error}
      </p>
      <p id={`${id}-hint`} className="field-hint">
        {block.hint === undefined ? null : <TextView text={block.hint} />}
      </p>
    </div>
  );
}

/** A form's field names are one string; ids of Slack may hold anything, so both are kept whole. */
const fieldName = (blockId: string, actionId: string): string => JSON.stringify([blockId, actionId]);
