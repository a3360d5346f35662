import type { PageHome, Person } from "../page-protocol.ts";
import { Blocks } from "./Blocks.tsx";
import { Troubles } from "./Troubles.tsx";
import type { UserActions } from "./use-workspace.ts";
import type { Trouble } from "./workspace-state.ts";

interface Props {
  readonly home: PageHome | null;
  readonly bot: Person;
  readonly troubles: readonly Trouble[];
  readonly userActions: UserActions;
}

/** The Home tab of the app: what it published last for this person. */
export function Home({ home, bot, troubles, userActions }: Props) {
  return (
    <main className="pane home">
      <div className="scroller">
        <section className="home-blocks" aria-label={`Home of ${bot.name}`}>
          {home === null ? (
            <p className="waiting">{bot.name} has not published a Home yet…</p>
          ) : (
            <Blocks
              blocks={home.blocks}
              fallback=""
              click={(blockId, actionId) => userActions.click(home.id, blockId, actionId)}
            />
          )}
        </section>
      </div>
      <Troubles troubles={troubles} dismiss={userActions.dismissTrouble} />
    </main>
  );
}
