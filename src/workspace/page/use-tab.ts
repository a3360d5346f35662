import { type MouseEvent, useEffect, useState } from "react";
import type { PageMessage, Person } from "../page-protocol.ts";
import { linkedMessage } from "./message-link.ts";
import type { Tab } from "./Tabs.tsx";
import type { UserActions } from "./use-workspace.ts";

export interface UsedTab {
  readonly tab: Tab;
  /** How many messages came while the Home tab was open. */
  readonly unseen: number;
  show(tab: Tab): void;
  /** A link to a message of the channel shows that message here. */
  follow(event: MouseEvent): void;
}

/** Which tab is open. The app is notified each time the Home tab is opened. */
export function useTab(
  me: Person,
  messages: readonly PageMessage[],
  openHome: UserActions["openHome"],
  openThread: (ts: string) => void,
): UsedTab {
  const [tab, setTab] = useState<Tab>("channel");
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [target, setTarget] = useState<string | null>(null);

  // Each person has a Home tab of their own.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person opens their own tab
  useEffect(() => {
    if (tab === "home") void openHome();
  }, [tab, me.id, openHome]);

  useEffect(() => {
    if (target === null) return;
    document.querySelector(`[data-ts="${target}"]`)?.scrollIntoView({ block: "start" });
    setTarget(null);
  }, [target]);

  const show = (next: Tab) => {
    setSeen(new Set(messages.map(({ ts }) => ts)));
    setTab(next);
  };
  return {
    tab,
    unseen: tab === "home" ? messages.filter(({ ts }) => !seen.has(ts)).length : 0,
    show,
    follow: (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      const ts = link instanceof HTMLAnchorElement ? linkedMessage(link.href, location.href) : null;
      const message = messages.find((each) => each.ts === ts);
      if (message === undefined) return;
      event.preventDefault();
      show("channel");
      if (message.threadTs !== null) openThread(message.threadTs);
      setTarget(message.ts);
    },
  };
}
