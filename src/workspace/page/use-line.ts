import { type ChangeEvent, type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Completion } from "../page-protocol.ts";
import { type Completing, complete } from "./completion.ts";
import { useHistory } from "./use-history.ts";

interface Given {
  readonly personId: string;
  readonly starters: readonly string[];
  readonly completions: readonly Completion[];
  /** Whether the words were taken. */
  send(words: string): Promise<boolean>;
}
interface Line {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly completing: Completing;
  readonly menuOpen: boolean;
  readonly chosen: number | null;
  take(index: number): void;
  send(): void;
  onChange(event: ChangeEvent<HTMLTextAreaElement>): void;
  onSelect(): void;
  onKeyDown(event: KeyboardEvent): void;
}

/**
 * What is being typed. Enter always sends, unless the arrows chose a suggestion; Tab takes the chosen or the first one.
 * While suggestions are open the arrows walk through them, else through the history.
 */
export function useLine({ personId, starters, completions, send }: Given): Line {
  const field = useRef<HTMLTextAreaElement>(null);
  const history = useHistory(personId);
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState<number | null>(null);
  const [menuClosed, setMenuClosed] = useState(false);
  const completing = complete(text.slice(0, caret), starters, completions);
  const { from, suggestions } = completing;
  const menuOpen = !menuClosed && suggestions.length > 0;

  const put = (next: string, at: number, closed: boolean) => {
    // The caret can be placed only once the new text is drawn, and must be before the next key comes: a frame later is
    // too late for fast typing: letters would change places.
    flushSync(() => {
      setText(next);
      setCaret(at);
      setChosen(null);
      setMenuClosed(closed);
    });
    field.current?.setSelectionRange(at, at);
  };
  const take = (index: number) => {
    const insert = suggestions[index]?.insert;
    if (insert !== undefined) put(text.slice(0, from) + insert + text.slice(caret), from + insert.length, false);
  };
  const sendLine = async () => {
    const words = text.trim();
    if (words === "") return;
    history.add(words);
    put("", 0, false);
    // A line that was not taken returns to the box, unless the person typed more.
    if (!(await send(words))) setText((now) => (now === "" ? words : now));
  };
  // A line from the history opens no menu: the arrows move through the history.
  const recall = (line: string | null) => {
    if (line !== null) put(line, line.length, true);
  };
  const step = (by: 1 | -1) => {
    const end = by === 1 ? 0 : suggestions.length - 1;
    setChosen((now) => (now === null ? end : (now + by + suggestions.length) % suggestions.length));
  };
  const acts: Readonly<Record<Act, () => void>> = {
    send: () => void sendLine(),
    take: () => take(chosen ?? 0),
    "close menu": () => setMenuClosed(true),
    down: () => step(1),
    up: () => step(-1),
    older: () => recall(history.older(text)),
    newer: () => recall(history.newer()),
  };

  return {
    ...{ field, text, completing, menuOpen, chosen, take },
    send: acts.send,
    onChange: ({ target }) => {
      history.leave();
      setText(target.value);
      setCaret(target.selectionStart);
      setChosen(null);
      setMenuClosed(false);
    },
    onSelect: () => setCaret(field.current?.selectionStart ?? 0),
    onKeyDown: (event) => {
      // Enter also ends the composition of a Chinese word; that one sends nothing.
      if (event.nativeEvent.isComposing) return;
      const act = actOf(event, { menuOpen, chosen, severalLines: text.includes("\n") });
      if (act === null) return;
      event.preventDefault();
      acts[act]();
    },
  };
}

type Act = "send" | "take" | "close menu" | "down" | "up" | "older" | "newer";

function actOf(
  { key, shiftKey }: KeyboardEvent,
  { menuOpen, chosen, severalLines }: { menuOpen: boolean; chosen: number | null; severalLines: boolean },
): Act | null {
  if (key === "Enter" && !shiftKey) return menuOpen && chosen !== null ? "take" : "send";
  if (key === "Tab" && !shiftKey && menuOpen) return "take";
  if (key === "Escape" && menuOpen) return "close menu";
  // In a text of several lines the arrows move between its lines.
  if (key === "ArrowDown") return menuOpen ? "down" : severalLines ? null : "newer";
  if (key === "ArrowUp") return menuOpen ? "up" : severalLines ? null : "older";
  return null;
}
