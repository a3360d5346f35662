import { type KeyboardEvent, useRef, useState } from "react";
import type { MenuOption } from "./blocks.ts";

interface Setting {
  load(query: string): Promise<readonly MenuOption[] | null>;
  /** `close` closes the list. */
  take(option: MenuOption, close: () => void): void;
}

/** An open list of options: what is typed, what was loaded for it, and where the arrow keys are. */
export function useMenu({ load, take }: Setting) {
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const [options, setOptions] = useState<readonly MenuOption[]>([]);
  const [note, setNote] = useState<string | null>(null);
  const [active, setActive] = useState<number | null>(null);
  /** Answers come in any order; only the latest counts. */
  const asked = useRef(0);

  const ask = async (typed: string) => {
    asked.current += 1;
    const mine = asked.current;
    setOpen(true);
    setQuery(typed);
    setActive(null);
    setNote("Loading…");
    const found = await load(typed);
    if (mine !== asked.current) return;
    setOptions(found ?? []);
    setNote(found === null ? "The options can't be loaded." : found.length === 0 ? "No results" : null);
  };
  const close = () => {
    asked.current += 1;
    setOpen(false);
    setQuery("");
    setOptions([]);
  };
  const takeAt = (index: number) => {
    const option = options[index];
    if (option !== undefined) take(option, close);
  };
  const step = (by: 1 | -1) => {
    if (options.length === 0) return;
    const end = by === 1 ? 0 : options.length - 1;
    const next = active === null ? end : (active + by + options.length) % options.length;
    setActive(next);
    root.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: "nearest" });
  };
  const keys = new Map<string, () => void>([
    ["ArrowDown", () => (open ? step(1) : void ask(""))],
    ["ArrowUp", () => step(-1)],
    ["Escape", close],
    ["Enter", () => (open && active !== null ? takeAt(active) : open ? undefined : void ask(""))],
  ]);
  return {
    ...{ root, open, query, options, note, active, takeAt, close },
    show: () => {
      if (!open) void ask("");
    },
    type: (typed: string) => void ask(typed),
    onKeyDown: (event: KeyboardEvent) => {
      const act = keys.get(event.key);
      // Escape closes the list first, and the form after that. Enter in a menu sends no form.
      if (act === undefined || event.nativeEvent.isComposing || (event.key === "Escape" && !open)) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
  };
}
