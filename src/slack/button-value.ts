import type { Buttons } from "../flow/ports.ts";

/** What a plan's buttons carry: which operation, and what only its plan has. */
export const buttonValue = ({ operationId, seal }: Pick<Buttons, "operationId" | "seal">): string =>
  `${operationId} ${seal}`;

/** Buttons of versions before the seal carry the operation's id alone. */
export function planIn(value: string): { readonly operationId: string; readonly seal: string | null } {
  const [operationId = "", seal = null] = value.split(" ");
  return { operationId, seal };
}
