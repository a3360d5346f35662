import { createContext, useContext } from "react";
import type { Person } from "../page-protocol.ts";

/** The people of the workspace and the bot, for every component that names one of them. */
export const EveryoneContext = createContext<readonly Person[]>([]);

/** null for someone the workspace does not know. */
export const usePersonName = (id: string): string | null =>
  useContext(EveryoneContext).find((person) => person.id === id)?.name ?? null;
