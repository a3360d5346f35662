import type { Buttons, NextButton } from "../flow/ports.ts";

/** The value of a plan's buttons: the operation's id and the plan's seal. */
export const buttonValue = ({ operationId, seal }: Pick<Buttons, "operationId" | "seal">): string =>
  `${operationId} ${seal}`;

/** Buttons of older versions have only the operation's id. */
export function planIn(value: string): { readonly operationId: string; readonly seal: string | null } {
  const [operationId = "", seal = null] = value.split(" ");
  return { operationId, seal };
}

/** The action ids of next steps: each button of a block needs its own. */
export const nextActionId = (index: number): string => `run-${index + 1}`;
export const nextActions = /^run-\d{1,2}$/;

/** The value of a next step's button: its seal and its command. */
export const nextValue = ({ words, seal }: Pick<NextButton, "words" | "seal">): string => `${seal} ${words}`;

export function nextIn(value: string): Pick<NextButton, "words" | "seal"> {
  const end = value.indexOf(" ");
  return end === -1 ? { seal: "", words: "" } : { seal: value.slice(0, end), words: value.slice(end + 1) };
}
