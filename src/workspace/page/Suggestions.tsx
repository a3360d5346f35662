import { useEffect, useRef } from "react";
import type { Suggestion } from "./completion.ts";

interface Props {
  readonly id: string;
  readonly suggestions: readonly Suggestion[];
  readonly chosen: number | null;
  take(index: number): void;
}

/** What can follow what was typed. */
export function Suggestions({ id, suggestions, chosen, take }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen !== null) list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <div className="suggestions" id={id} ref={list} role="listbox" aria-label="Suggestions">
      {suggestions.map(({ label, detail }, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays on the line; aria-activedescendant points here
        <div
          key={label}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          // Pressing must not take the focus from the line.
          onPointerDown={(event) => {
            event.preventDefault();
            take(index);
          }}
        >
          <code>{label}</code>
          <span>{detail}</span>
        </div>
      ))}
    </div>
  );
}
