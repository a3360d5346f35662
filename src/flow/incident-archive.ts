import { InTurn } from "../core/in-turn.ts";
import type { Incident } from "../core/incident.ts";
import type { IncidentPlace } from "../core/watch-facts.ts";
import type { Desk } from "../watch/desk-file.ts";
import type { World } from "./ports.ts";

export interface ArchiveStore {
  desk(): Desk;
  archive(incident: Incident): Promise<void>;
  archived(id: string): Promise<Incident | null>;
  /** The newest first. */
  archivedIds(): Promise<readonly string[]>;
}
interface Setting {
  readonly store: ArchiveStore;
  readonly log: World["log"];
  /** Where the message of an incident is that is on the desk. */
  placeOf(id: string): IncidentPlace | null;
  /** Resolves when all that changed before is on disk. */
  written(): Promise<void>;
}

/** The incidents that are long over, and those that leave the desk for the archive. */
export class IncidentArchive {
  readonly #setting: Setting;
  /** By id, until the archive has them. Until then the desk has them. */
  readonly #leaving = new Map<string, Incident>();
  /** Two notes at once are both kept. */
  readonly #inTurn = new InTurn();

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  get leaving(): readonly Incident[] {
    return [...this.#leaving.values()];
  }

  async take(incidents: readonly Incident[]): Promise<void> {
    for (const incident of incidents) this.#leaving.set(incident.id, incident);
    await this.writeLeaving();
  }

  /** One that can't be written stays among the leaving ones, and is written with the next call. */
  async writeLeaving(): Promise<void> {
    for (const incident of this.#leaving.values())
      await this.#write(incident).then(
        () => this.#leaving.delete(incident.id),
        (error: unknown) => this.#setting.log.error(`archiving ${incident.id}`, error),
      );
  }

  /** Also one that leaves just now: it is on the desk until it is here. */
  async incident(id: string): Promise<Incident | null> {
    const { store } = this.#setting;
    const leaving = () => store.desk().incidents.find((each) => each.id === id);
    return (await store.archived(id)) ?? leaving() ?? (await store.archived(id));
  }

  async *all(): AsyncGenerator<Incident> {
    const { store, log } = this.#setting;
    const ids = await store.archivedIds();
    for (const incident of this.leaving.toReversed()) if (!ids.includes(incident.id)) yield incident;
    for (const id of ids) {
      // One damaged file must not hide all other incidents.
      const incident = await store.archived(id).catch((error: unknown) => {
        log.error(`reading ${id}`, error);
        return null;
      });
      if (incident !== null) yield incident;
    }
  }

  async revise(id: string, change: (incident: Incident) => Incident): Promise<Incident | null> {
    // The archive must have first what was changed just before it left.
    await this.#setting.written();
    return this.#inTurn.run(async () => {
      const incident = await this.incident(id);
      if (incident === null || incident.openedAt === null) return null;
      const next = this.#withPlace(change(incident));
      await this.#setting.store.archive(next);
      return next;
    });
  }

  /** What is in the archive may have notes that the leaving one has not. */
  #write(incident: Incident): Promise<void> {
    const { store } = this.#setting;
    return this.#inTurn.run(async () => {
      const there = await store.archived(incident.id).catch(() => null);
      if (there === null) await store.archive(this.#withPlace(incident));
    });
  }

  /** With the place of its message, which leaves the desk with it: its report belongs in its thread. */
  #withPlace(incident: Incident): Incident {
    const posted = this.#setting.placeOf(incident.id);
    return posted === null ? incident : { ...incident, posted };
  }
}
