import { useContext, useId } from "react";
import type { BlockOf, BoxesElement, LineElement, UsersElement } from "./blocks.ts";
import { fieldName } from "./form-fields.ts";
import { Menu } from "./Menu.tsx";
import { TextView } from "./Mrkdwn.tsx";
import { EveryoneContext } from "./names.ts";

interface Props {
  readonly block: BlockOf<"input">;
  readonly error: string | null;
}

/** One input block of a modal: its label, what is filled in, and what was wrong with it. */
export function Field({ block, error }: Props) {
  const id = useId();
  const { element } = block;
  const isInvalid = error !== null;
  return (
    <div className="field">
      <label htmlFor={id}>
        <TextView text={block.label} />
        {block.optional === true ? <span className="optional"> (optional)</span> : null}
      </label>
      {element.type === "plain_text_input" ? (
        <TextLine block={block} element={element} id={id} isInvalid={isInvalid} />
      ) : element.type === "users_select" ? (
        <Users block={block} element={element} id={id} isInvalid={isInvalid} />
      ) : element.type === "checkboxes" ? (
        <Checkboxes block={block} element={element} id={id} isInvalid={isInvalid} />
      ) : (
        <Menu block={block} element={element} id={id} isInvalid={isInvalid} />
      )}
      <p id={`${id}-error`} className="field-error" role="alert">
        {error}
      </p>
      <p id={`${id}-hint`} className="field-hint">
        {block.hint === undefined ? null : <TextView text={block.hint} />}
      </p>
    </div>
  );
}

interface InputProps<E> {
  readonly block: BlockOf<"input">;
  readonly element: E;
  readonly id: string;
  readonly isInvalid: boolean;
}

function TextLine({ block, element, id, isInvalid }: InputProps<LineElement>) {
  const shared = {
    id,
    name: fieldName(block.block_id, element.action_id),
    defaultValue: element.initial_value,
    placeholder: element.placeholder?.text,
    required: block.optional !== true,
    autoComplete: "off",
    spellCheck: false,
    "aria-invalid": isInvalid,
    "aria-describedby": `${id}-hint ${id}-error`,
  };
  return element.multiline === true ? <textarea rows={4} {...shared} /> : <input type="text" {...shared} />;
}

function Users({ block, element, id, isInvalid }: InputProps<UsersElement>) {
  const people = useContext(EveryoneContext);
  return (
    <select
      id={id}
      name={fieldName(block.block_id, element.action_id)}
      defaultValue={element.initial_user ?? ""}
      required={block.optional !== true}
      aria-invalid={isInvalid}
      aria-describedby={`${id}-hint ${id}-error`}
    >
      <option value="" disabled>
        {element.placeholder?.text ?? ""}
      </option>
      {people.map(({ id: person, name }) => (
        <option key={person} value={person}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Checkboxes({ block, element, id, isInvalid }: InputProps<BoxesElement>) {
  return element.options.map(({ value, text, description }, index) => (
    <label key={value} className="box">
      <input
        id={index === 0 ? id : undefined}
        type="checkbox"
        name={fieldName(block.block_id, element.action_id)}
        value={value}
        aria-invalid={isInvalid}
        aria-describedby={`${id}-hint ${id}-error`}
      />
      <span>
        <TextView text={text} />
        {description === undefined ? null : (
          <small>
            <TextView text={description} />
          </small>
        )}
      </span>
    </label>
  ));
}
