import type { GroupMembers } from "../core/access-facts.ts";
import type { Standing } from "../core/role.ts";

/** Who can be asked about people. Each call ends within its own time limit; it rejects if there is no answer. */
export interface PeopleSource {
  standingOf(user: string): Promise<Standing>;
  membersOf(group: string): Promise<GroupMembers>;
  /** The name of a user, a user group or a channel, if it is known without asking: `@bob`, `#storage`. */
  nameOf(id: string): string | null;
  /** Asks for the names of these users and user groups, as far as that succeeds within some seconds. */
  learnNames(ids: readonly string[]): Promise<void>;
}

/** What was answered is kept for so long. */
const KEPT_MS = 5 * 60_000;
/** That there was no answer. Short, so that the end of a failure counts soon; it only spares many equal questions. */
const FAILED_MS = 2_000;
const MOST_KEPT = 2_000;

interface Kept<T> {
  readonly untilMs: number;
  readonly answer: Promise<T>;
}

/** Answers that are kept for some minutes. Equal questions at the same time are asked once. */
class Answers<T extends object | string> {
  readonly #ask: (id: string) => Promise<T>;
  readonly #nowMs: () => number;
  readonly #kept = new Map<string, Kept<T>>();

  constructor(ask: (id: string) => Promise<T>, nowMs: () => number) {
    this.#ask = ask;
    this.#nowMs = nowMs;
  }

  /** `fresh`: what is kept does not count. */
  of(id: string, fresh: boolean): Promise<T> {
    const kept = this.#kept.get(id);
    if (!fresh && kept !== undefined && this.#nowMs() < kept.untilMs) return kept.answer;
    const answer = this.#ask(id);
    const asked: Kept<T> = { answer, untilMs: this.#nowMs() + KEPT_MS };
    this.#keep(id, asked);
    answer.catch(() => {
      if (this.#kept.get(id) === asked) this.#keep(id, { ...asked, untilMs: this.#nowMs() + FAILED_MS });
    });
    return answer;
  }

  #keep(id: string, kept: Kept<T>): void {
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** What people are in the workspace, and in which groups. */
export class People {
  readonly #standings: Answers<Standing>;
  readonly #groups: Answers<GroupMembers>;
  readonly nameOf: PeopleSource["nameOf"];
  readonly learnNames: PeopleSource["learnNames"];

  constructor(source: PeopleSource, nowMs: () => number) {
    this.#standings = new Answers((user) => source.standingOf(user), nowMs);
    this.#groups = new Answers((group) => source.membersOf(group), nowMs);
    this.nameOf = (id) => source.nameOf(id);
    this.learnNames = (ids) => source.learnNames(ids);
  }

  standingOf(user: string, fresh: boolean): Promise<Standing> {
    return this.#standings.of(user, fresh);
  }
  membersOf(group: string, fresh: boolean): Promise<GroupMembers> {
    return this.#groups.of(group, fresh);
  }
}
