import type { PageState, Person } from "../page-protocol.ts";
import { SLASH_COMMAND } from "./Composer.tsx";
import { People } from "./People.tsx";

interface Props {
  readonly page: PageState;
  readonly me: Person;
  become(person: Person): void;
}

/** Shows the workspace, the person, and what is simulated. */
export function TopBar({ page, me, become }: Props) {
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
        <People people={page.people} me={me} become={become} />
      </header>
    </>
  );
}
