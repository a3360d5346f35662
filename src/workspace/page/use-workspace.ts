import { useCallback, useEffect, useMemo, useReducer, useState } from "react";
import type { FormValues, Person, SuggestAnswer } from "../page-protocol.ts";
import { follow } from "./connection.ts";
import * as userActions from "./user-actions.ts";
import { after, emptyWorkspace, type Workspace } from "./workspace-state.ts";

/** What components do; each reports its own trouble to the person, so none rejects. */
export interface UserActions {
  /** Whether it was taken; if not, the words are still to be said. */
  say(text: string, threadTs: string | null): Promise<boolean>;
  /** The Home tab is opened. */
  openHome(): Promise<void>;
  click(messageTs: string, blockId: string, actionId: string): Promise<void>;
  /** Errors by block_id; null if the modal could not be submitted. */
  submit(viewId: string, values: FormValues): Promise<Readonly<Record<string, string>> | null>;
  /** The options of a menu; null if they could not be asked for. */
  suggest(viewId: string, blockId: string, actionId: string, query: string): Promise<SuggestAnswer | null>;
  choose(viewId: string, blockId: string, actionId: string, values: FormValues): Promise<void>;
  close(viewId: string): Promise<void>;
  dismissTrouble(id: number): void;
}
export interface UsedWorkspace {
  readonly workspace: Workspace;
  readonly me: Person | null;
  become(person: Person): void;
  readonly userActions: UserActions;
}

/** The workspace as it is now, who sits in front of it, and what they can do. */
export function useWorkspace(): UsedWorkspace {
  const [workspace, happen] = useReducer(after, emptyWorkspace);
  const [personId, setPersonId] = useState(() => sessionStorage.getItem("person"));
  const people = workspace.page?.people ?? [];
  const me = people.find(({ id }) => id === personId) ?? people[0] ?? null;

  useEffect(
    () =>
      follow({
        loaded: (page) => happen({ kind: "loaded", page }),
        happened: (event) => happen({ kind: "happened", event }),
        lost: () => happen({ kind: "lost" }),
      }),
    [],
  );

  // Kept by tab, so that two tabs can be two people.
  const become = useCallback((person: Person) => {
    sessionStorage.setItem("person", person.id);
    setPersonId(person.id);
  }, []);

  const mine = me?.id ?? "";
  const made = useMemo<UserActions>(() => {
    const orTrouble = async <T>(action: Promise<T>): Promise<T | null> => {
      try {
        return await action;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        happen({ kind: "happened", event: { kind: "trouble", person: mine, text } });
        return null;
      }
    };
    return {
      say: async (text, threadTs) =>
        (await orTrouble(userActions.say({ person: mine, text, threadTs }).then(() => true))) ?? false,
      openHome: async () => {
        await orTrouble(userActions.openHome(mine));
      },
      click: async (messageTs, blockId, actionId) => {
        await orTrouble(userActions.click({ person: mine, messageTs, blockId, actionId }));
      },
      submit: (viewId, values) => orTrouble(userActions.submit({ person: mine, viewId, values })),
      suggest: (viewId, blockId, actionId, query) =>
        orTrouble(userActions.suggest({ person: mine, viewId, blockId, actionId, query })),
      choose: async (viewId, blockId, actionId, values) => {
        await orTrouble(userActions.choose({ person: mine, viewId, blockId, actionId, values }));
      },
      close: async (viewId) => {
        await orTrouble(userActions.close(mine, viewId));
      },
      dismissTrouble: (id) => happen({ kind: "trouble read", id }),
    };
  }, [mine]);

  return { workspace, me, become, userActions: made };
}
