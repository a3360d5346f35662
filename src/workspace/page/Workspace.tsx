import { useMemo, useState } from "react";
import type { PageState, Person } from "../page-protocol.ts";
import { BreakPanel } from "./BreakPanel.tsx";
import { Channel } from "./Channel.tsx";
import { Home } from "./Home.tsx";
import { Modal } from "./Modal.tsx";
import { EveryoneContext } from "./names.ts";
import type { Tab } from "./Tabs.tsx";
import { Thread } from "./Thread.tsx";
import { TopBar } from "./TopBar.tsx";
import { useTab } from "./use-tab.ts";
import { type UsedWorkspace, useWorkspace } from "./use-workspace.ts";
import { messagesFor } from "./workspace-state.ts";

/** The whole page. */
export function Workspace() {
  const used = useWorkspace();
  const { page, connected } = used.workspace;
  if (page === null || used.me === null) return <p className="waiting">Connecting to the local workspace…</p>;
  return (
    <>
      {connected ? null : (
        <p className="lost" role="status">
          The connection to the workspace is lost; trying again. What you see may be old. If the bot was restarted, open
          the address that it printed.
        </p>
      )}
      <Loaded used={used} page={page} me={used.me} />
    </>
  );
}

function Loaded({ used, page, me }: { used: UsedWorkspace; page: PageState; me: Person }) {
  const [threadTs, setThreadTs] = useState<string | null>(null);
  const [isBreaking, setBreaking] = useState(false);
  const openThread = (ts: string) => {
    setThreadTs(ts);
    setBreaking(false);
  };
  const toggleBreaking = () => {
    setThreadTs(null);
    setBreaking((open) => !open);
  };
  const everyone = useMemo(() => [...page.people, page.bot], [page.people, page.bot]);
  const messages = useMemo(() => messagesFor(page, me.id), [page, me.id]);
  const parent = messages.find(({ ts }) => ts === threadTs);
  const { tab, unseen, show } = useTab(messages, used.userActions.openHome, openThread);
  const isHome = tab === "home";
  const showTab = (next: Tab) => {
    // On a narrow screen the panel covers the tabs' content.
    if (window.matchMedia("(width <= 760px)").matches) setBreaking(false);
    show(next);
  };
  const view = page.views.findLast(({ person }) => person === me.id);
  const troubles = used.workspace.troubles.filter(({ person }) => person === me.id);
  const shared = { page, me, messages, userActions: used.userActions };
  // Text behind a modal can't be read.
  const troublesHere = view === undefined ? troubles : [];
  const hasSide = isBreaking || (parent !== undefined && !isHome);
  const home = page.homes.find(({ person }) => person === me.id) ?? null;
  return (
    <EveryoneContext value={everyone}>
      <TopBar
        page={page}
        me={me}
        tabs={{ tab, unseen, show: showTab }}
        breaking={{ open: isBreaking, toggle: toggleBreaking }}
        become={used.become}
      />
      <div className={hasSide ? "panes with-thread" : "panes"}>
        {isHome ? <Home home={home} bot={page.bot} troubles={troublesHere} userActions={used.userActions} /> : null}
        <Channel
          {...shared}
          troubles={isHome ? [] : troublesHere}
          isHidden={isHome}
          openThread={openThread}
          openedThread={threadTs}
        />
        {isBreaking ? (
          <BreakPanel changes={used.workspace.sanChanges} hint={page.sanHint} close={toggleBreaking} />
        ) : null}
        {parent === undefined || isHome ? null : (
          <Thread key={parent.ts} {...shared} parent={parent} close={() => setThreadTs(null)} />
        )}
      </div>
      {view === undefined ? null : (
        <Modal key={view.id} view={view} troubles={troubles} userActions={used.userActions} />
      )}
    </EveryoneContext>
  );
}
