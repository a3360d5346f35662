import { createContext } from "react";
import type { SuggestAnswer } from "../page-protocol.ts";

/** What the fields of a form ask of it. */
interface FormFields {
  /** The options of a menu for what is typed in it; null if they can't be loaded. */
  suggest(blockId: string, actionId: string, query: string): Promise<SuggestAnswer | null>;
  /** Something was chosen in a field of which the app hears at once. */
  chosen(blockId: string, actionId: string): void;
}

export const FormContext = createContext<FormFields>({
  suggest: async () => null,
  chosen: () => undefined,
});

/** A form's field names are one string; ids of Slack may hold anything, so both are kept whole. */
export const fieldName = (blockId: string, actionId: string): string => JSON.stringify([blockId, actionId]);
