import type { Buttons, NextButton } from "../flow/ports.ts";

/** What a plan's buttons carry: which operation, and what only its plan has. */
export const buttonValue = ({ operationId, seal }: Pick<Buttons, "operationId" | "seal">): string =>
  `${operationId} ${seal}`;

/** Buttons of versions before the seal carry the operation's id alone. */
export function planIn(value: string): { readonly operationId: string; readonly seal: string | null } {
  const [operationId = "", seal = null] = value.split(" ");
  return { operationId, seal };
}

/** The action ids of next steps: each in a block has its own. */
export const nextActionId = (index: number): string => `run-${index + 1}`;
export const nextActions = /^run-\d{1,2}$/;

/** What the button of a next step carries: its seal, and its words. */
export const nextValue = ({ words, seal }: Pick<NextButton, "words" | "seal">): string => `${seal} ${words}`;

export function nextIn(value: string): Pick<NextButton, "words" | "seal"> {
  const end = value.indexOf(" ");
  return end === -1 ? { seal: "", words: "" } : { seal: value.slice(0, end), words: value.slice(end + 1) };
}
