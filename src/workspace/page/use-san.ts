import { useEffect, useRef, useState } from "react";
import type { San } from "../page-protocol.ts";
import { breakSan, loadSan } from "./user-actions.ts";

interface Said {
  readonly isError: boolean;
  readonly text: string;
}

/** The simulated SAN as it is now, and what the last words came to. `changes` grows with each change. */
export function useSan(changes: number) {
  const [san, setSan] = useState<San | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const [isBusy, setBusy] = useState(false);
  /** Answers come in any order; only the one to the latest change counts. */
  const latest = useRef(changes);

  useEffect(() => {
    latest.current = changes;
    loadSan().then(
      (loaded) => changes === latest.current && setSan(loaded),
      (error: unknown) => setSaid({ isError: true, text: messageOf(error) }),
    );
  }, [changes]);

  const apply = async (words: string) => {
    setBusy(true);
    try {
      setSaid({ isError: false, text: await breakSan(words) });
    } catch (error) {
      setSaid({ isError: true, text: messageOf(error) });
    }
    setBusy(false);
  };
  return { san, said, isBusy, apply };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
