import { useContext, useEffect, useRef, useState } from "react";
import type { BlockOf, MenuElement, MenuOption } from "./blocks.ts";
import { FormContext, fieldName } from "./form-fields.ts";
import { TextView } from "./Mrkdwn.tsx";
import { useMenu } from "./use-menu.ts";

interface Props {
  readonly block: BlockOf<"input">;
  readonly element: MenuElement;
  readonly id: string;
  readonly isInvalid: boolean;
}

/** A menu with options that the app is asked for, each time it opens and at each character that is typed in it. */
export function Menu({ block, element, id, isInvalid }: Props) {
  const isMulti = element.type === "multi_external_select";
  const { chosen, toggle } = useChosen(block, element);
  const menu = useMenu({
    load: useOptions(block.block_id, element.action_id),
    take: (option, close) => {
      toggle(option);
      if (!isMulti) close();
    },
  });
  const listId = `${id}-list`;
  const [only] = chosen;
  const closedText = isMulti || only === undefined ? "" : only.text.text;
  return (
    <div className="menu" ref={menu.root}>
      {isMulti && chosen.length > 0 ? <Chips chosen={chosen} remove={toggle} /> : null}
      {chosen.map(({ value }) => (
        <input key={value} type="hidden" name={fieldName(block.block_id, element.action_id)} value={value} />
      ))}
      <input
        id={id}
        type="text"
        role="combobox"
        aria-expanded={menu.open}
        aria-controls={listId}
        aria-activedescendant={menu.open && menu.active !== null ? `${listId}-${menu.active}` : undefined}
        aria-autocomplete="list"
        aria-invalid={isInvalid}
        aria-describedby={`${id}-hint ${id}-error`}
        autoComplete="off"
        spellCheck={false}
        placeholder={element.placeholder?.text}
        value={menu.open ? menu.query : closedText}
        onBlur={menu.close}
        onClick={menu.show}
        onChange={({ target }) => menu.type(target.value)}
        onKeyDown={menu.onKeyDown}
      />
      {menu.open ? (
        <div
          className="menu-list"
          id={listId}
          role="listbox"
          aria-label={block.label.text}
          aria-multiselectable={isMulti}
        >
          {menu.note === null ? null : <p className="menu-note">{menu.note}</p>}
          {menu.options.map((option, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays on the line; aria-activedescendant points here
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are taken on the line
            <div
              key={option.value}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={chosen.some(({ value }) => value === option.value)}
              className={index === menu.active ? "active" : undefined}
              // Pressing must not take the focus from the line.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => menu.takeAt(index)}
            >
              <TextView text={option.text} />
              {option.description === undefined ? null : (
                <small>
                  <TextView text={option.description} />
                </small>
              )}
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function Chips({ chosen, remove }: { chosen: readonly MenuOption[]; remove(option: MenuOption): void }) {
  return (
    <ul className="chips">
      {chosen.map((option) => (
        <li key={option.value}>
          <TextView text={option.text} />
          <button type="button" aria-label={`Remove ${option.text.text}`} onClick={() => remove(option)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What is chosen in the menu. The app hears of a change once the form holds it. */
function useChosen(block: BlockOf<"input">, element: MenuElement) {
  const { chosen: onChoice } = useContext(FormContext);
  const isMulti = element.type === "multi_external_select";
  const initial = isMulti ? element.initial_options : element.initial_option && [element.initial_option];
  const [chosen, setChosen] = useState<readonly MenuOption[]>(initial ?? []);
  const before = useRef(chosen);
  useEffect(() => {
    if (before.current === chosen) return;
    before.current = chosen;
    if (block.dispatch_action === true) onChoice(block.block_id, element.action_id);
  }, [chosen, onChoice, block, element.action_id]);
  const toggle = (option: MenuOption) =>
    setChosen((now) => {
      const others = now.filter(({ value }) => value !== option.value);
      if (!isMulti) return [option];
      return others.length < now.length ? others : [...now, option];
    });
  return { chosen, toggle };
}

const useOptions = (blockId: string, actionId: string) => {
  const { suggest } = useContext(FormContext);
  return async (query: string): Promise<readonly MenuOption[] | null> => {
    const answer = await suggest(blockId, actionId, query);
    return answer === null ? null : answer.groups.flatMap(({ options }) => options);
  };
};
