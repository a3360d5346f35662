import type { Standing } from "./decision.ts";

/** Who can be asked about people. Each call ends within its own time limit; it rejects if there is no answer. */
export interface PeopleSource {
  standingOf(user: string): Promise<Standing>;
  /** The members of a user group. Empty if there is no such group. */
  membersOf(group: string): Promise<ReadonlySet<string>>;
  /** The name of a user or a user group, if it is known without asking: `@bob`. */
  nameOf(id: string): string | null;
}

/** What was answered is kept for so long. */
const KEPT_MS = 5 * 60_000;
/** That there was no answer. Short, so that the end of a failure counts soon; it only spares many equal questions. */
const FAILED_MS = 2_000;
const MOST_KEPT = 2_000;

interface Kept<T> {
  readonly untilMs: number;
  readonly answer: Promise<T>;
  /** null: not answered yet, or failed. */
  value: T | null;
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
    const asked: Kept<T> = { answer, value: null, untilMs: this.#nowMs() + KEPT_MS };
    this.#keep(id, asked);
    answer.then(
      (value) => {
        asked.value = value;
      },
      () => {
        if (this.#kept.get(id) === asked) this.#keep(id, { ...asked, untilMs: this.#nowMs() + FAILED_MS });
      },
    );
    return answer;
  }

  /** From memory; null: it is not known now. */
  known(id: string): T | null {
    const kept = this.#kept.get(id);
    return kept !== undefined && this.#nowMs() < kept.untilMs ? kept.value : null;
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
  readonly #groups: Answers<ReadonlySet<string>>;
  readonly nameOf: PeopleSource["nameOf"];

  constructor(source: PeopleSource, nowMs: () => number) {
    this.#standings = new Answers((user) => source.standingOf(user), nowMs);
    this.#groups = new Answers((group) => source.membersOf(group), nowMs);
    this.nameOf = (id) => source.nameOf(id);
  }

  standingOf(user: string, fresh: boolean): Promise<Standing> {
    return this.#standings.of(user, fresh);
  }
  knownStanding(user: string): Standing | null {
    return this.#standings.known(user);
  }
  membersOf(group: string, fresh: boolean): Promise<ReadonlySet<string>> {
    return this.#groups.of(group, fresh);
  }
  knownMembers(group: string): ReadonlySet<string> | null {
    return this.#groups.known(group);
  }
}
