import type { PageState, Person } from "../page-protocol.ts";
import { SLASH_COMMAND } from "./Composer.tsx";
import { People } from "./People.tsx";
import { Tabs } from "./Tabs.tsx";
import type { UsedTab } from "./use-tab.ts";

interface Props {
  readonly page: PageState;
  readonly me: Person;
  /** Opens and closes the panel that breaks the SAN. */
  readonly breaking: { readonly open: boolean; toggle(): void };
  readonly tabs: Pick<UsedTab, "tab" | "unseen" | "show">;
  become(person: Person): void;
}

/** Shows the workspace, the person, and what is simulated. */
export function TopBar({ page, me, tabs, breaking, become }: Props) {
  return (
    <>
      {page.notice === null ? null : (
        <p className="notice" role="note">
          <strong>Simulated</strong> {page.notice}
        </p>
      )}
      <header className="top-bar">
        <div className="where">
          <h1>
            <span aria-hidden="true">#</span> {page.channel.name}
          </h1>
          <p className="topic">
            Shared Block storage from the channel. Type <code>{SLASH_COMMAND}</code> for a menu.
          </p>
        </div>
        <Tabs {...tabs} />
        {page.breaksSan ? (
          <button type="button" className="button plain" aria-expanded={breaking.open} onClick={breaking.toggle}>
            Break something
          </button>
        ) : null}
        <People people={page.people} me={me} become={become} />
      </header>
    </>
  );
}
