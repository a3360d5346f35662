import { useRef } from "react";
import { z } from "zod";

const KEPT = 100;
const historySchema = z.array(z.string());

interface History {
  add(text: string): void;
  /** One line older; null if there is none. `draft` returns after the newest line. */
  older(draft: string): string | null;
  newer(): string | null;
  /** The next `older` begins at the newest again. */
  leave(): void;
}

/** The lines a person sent, kept in the browser by person. */
export function useHistory(personId: string): History {
  // Counted back from the newest, which is 1; 0 is the draft.
  const place = useRef(0);
  const draft = useRef("");
  const key = `history of ${personId}`;
  return {
    add(text) {
      const lines = readHistory(key).filter((line) => line !== text);
      localStorage.setItem(key, JSON.stringify([...lines, text].slice(-KEPT)));
      place.current = 0;
    },
    older(current) {
      const line = readHistory(key).at(-1 - place.current);
      if (line === undefined) return null;
      if (place.current === 0) draft.current = current;
      place.current += 1;
      return line;
    },
    newer() {
      if (place.current === 0) return null;
      place.current -= 1;
      return place.current === 0 ? draft.current : (readHistory(key).at(-place.current) ?? null);
    },
    leave() {
      place.current = 0;
    },
  };
}

function readHistory(key: string): readonly string[] {
  try {
    return historySchema.parse(JSON.parse(localStorage.getItem(key) ?? "[]"));
  } catch {
    // Any other content is not a history; the next line sent replaces it.
    return [];
  }
}
