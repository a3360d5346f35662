import { useEffect, useEffectEvent, useState } from "react";
import type { PageMessage } from "../page-protocol.ts";
import { linkedMessage } from "./message-link.ts";
import type { Tab } from "./Tabs.tsx";
import type { UserActions } from "./use-workspace.ts";

export interface UsedTab {
  readonly tab: Tab;
  /** How many messages came while the Home tab was open. */
  readonly unseen: number;
  show(tab: Tab): void;
}

/**
 * Which tab is open. The app is notified each time the Home tab is opened; each person has one of their own. A link to a
 * message of the channel shows that message here.
 */
export function useTab(
  messages: readonly PageMessage[],
  openHome: UserActions["openHome"],
  openThread: (ts: string) => void,
): UsedTab {
  const [tab, setTab] = useState<Tab>("channel");
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [target, setTarget] = useState<string | null>(null);

  useEffect(() => {
    if (tab === "home") void openHome();
  }, [tab, openHome]);

  useEffect(() => {
    if (target === null) return;
    document.querySelector(`[data-ts="${target}"]`)?.scrollIntoView({ block: "start" });
    setTarget(null);
  }, [target]);

  const show = (next: Tab) => {
    setSeen(new Set(messages.map(({ ts }) => ts)));
    setTab(next);
  };
  const follow = useEffectEvent((event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const ts = link instanceof HTMLAnchorElement ? linkedMessage(link.href, location.href) : null;
    const message = messages.find((each) => each.ts === ts);
    if (message === undefined) return;
    event.preventDefault();
    show("channel");
    if (message.threadTs !== null) openThread(message.threadTs);
    setTarget(message.ts);
  });
  // Links are anywhere in a block, and the library draws some of them.
  useEffect(() => {
    const listener = (event: MouseEvent) => follow(event);
    document.addEventListener("click", listener);
    return () => document.removeEventListener("click", listener);
  }, []);

  const unseen = tab === "home" ? messages.filter(({ ts }) => !seen.has(ts)).length : 0;
  return { tab, unseen, show };
}
