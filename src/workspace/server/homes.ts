import { randomBytes } from "node:crypto";
import type { PageHome } from "../page-protocol.ts";
import type { PageEvents } from "./page-events.ts";
import { SlackError } from "./slack-error.ts";
import type { Home } from "./view-rules.ts";

/** The Home tab of one person, as the app published it last. */
export interface HomeView {
  readonly id: string;
  readonly person: string;
  readonly hash: string;
  readonly home: Home;
}

/** The Home tabs. A person has one, and its id stays. Slack shows the published one also if the app is gone. */
export class Homes {
  readonly #pageEvents: PageEvents;
  readonly #published = new Map<string, HomeView>();

  constructor(pageEvents: PageEvents) {
    this.#pageEvents = pageEvents;
  }

  all(): PageHome[] {
    return [...this.#published.values()].map(onPage);
  }

  of(person: string): HomeView | null {
    return this.#published.get(person) ?? null;
  }

  find(id: string): HomeView | null {
    return [...this.#published.values()].find((view) => view.id === id) ?? null;
  }

  /** `hash`: of the view that the app means to replace; null: it replaces any. */
  publish(person: string, home: Home, hash: string | null): HomeView {
    const before = this.of(person);
    if (hash !== null && hash !== before?.hash) throw new SlackError("hash_conflict");
    const isTaken = (view: HomeView) => view.person !== person && view.home.external_id === home.external_id;
    if (home.external_id !== undefined && [...this.#published.values()].some(isTaken))
      throw new SlackError("duplicate_external_id");
    const id = before?.id ?? `V${randomBytes(5).toString("hex").toUpperCase()}`;
    const view = { id, person, hash: `${Date.now()}.${randomBytes(4).toString("hex")}`, home };
    this.#published.set(person, view);
    this.#pageEvents.emit({ kind: "home", home: onPage(view) });
    return view;
  }
}

const onPage = ({ id, person, home }: HomeView): PageHome => ({ id, person, blocks: home.blocks });
