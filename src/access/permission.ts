import type { WhoIs } from "../core/access-facts.ts";
import type { OperatorError } from "../core/refusal.ts";
import { type Holding, includesRole, isGroup, type Needed } from "../core/role.ts";
import { steadyMs } from "../core/steady-clock.ts";
import { type Decision, decide, type Known } from "./decision.ts";
import type { People } from "./people.ts";
import { missingRole, nobodyYet, notAnswered } from "./refusals.ts";

/** Of so many people Slack is asked at the same time. */
const AT_ONCE = 10;
/** After this time nobody else is asked. A group may have thousands of members. */
const LONGEST_MS = 10_000;

/** Who is given roles, by the settings and by people; read at each question, so that a change counts at once. */
interface Rules {
  holdings(): readonly Holding[];
  /** What a person at a terminal may do; an error: why it is less than everything. */
  readonly terminal: "admin" | OperatorError;
}

/** Decides who may do what. Without an answer of Slack that it needs, the decision is no. */
export class Permission {
  readonly #rules: Rules;
  readonly #people: People;

  constructor(rules: Rules, people: People) {
    this.#rules = rules;
    this.#people = people;
  }

  /** Why this person may not do what needs the role; null: they may. `fresh`: Slack is asked again. */
  async whyNot(
    person: string,
    needed: Needed,
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<OperatorError | null> {
    const { decision, problem } = await this.#asked(person, needed, fresh);
    if (decision.kind === "allowed") return null;
    if (decision.kind === "asks") return notAnswered(needed, problem);
    await this.#people.learnNames(this.holders(needed).map(({ who }) => who));
    return this.#refusal(person, needed);
  }

  /**
   * The same at once, without Slack. What Slack would have to say counts as yes: it is only for what shows a form, and
   * what is sent with the form is checked by `whyNot`.
   */
  known(person: string, needed: Needed): OperatorError | null {
    const decision = this.#decide(person, needed, { groups: new Map() });
    return decision.kind === "refused" ? this.#refusal(person, needed) : null;
  }

  /**
   * The users and the user groups that were given this role, or one that includes it, by one holding or by several
   * together. Nobody is asked.
   */
  holders(needed: Needed): readonly Holding[] {
    const fitting = this.#fitting(needed);
    return [...new Set(fitting.map(({ who }) => who))].flatMap((who) => {
      const own = fitting.filter((each) => each.who === who);
      const decision = decide(who, needed, own, { groups: new Map() });
      return decision.kind === "allowed" ? decision.because : [];
    });
  }

  /** The people who have this role, also those of groups. `isComplete`: Slack said it of everybody who may have it. */
  async peopleWith(needed: Needed): Promise<{ readonly people: readonly string[]; readonly isComplete: boolean }> {
    const people: string[] = [];
    let isComplete = true;
    for await (const { person, may } of this.#decided(needed, false)) {
      if (may === null) isComplete = false;
      else if (may && person !== null) people.push(person);
    }
    return { people, isComplete };
  }

  /**
   * Whether another person than this one may have the role. What Slack does not say counts as yes. `fresh`: Slack is
   * asked again who is in the groups.
   */
  async mayAnother(person: string, needed: Needed, { fresh }: { readonly fresh: boolean }): Promise<boolean> {
    for await (const each of this.#decided(needed, fresh))
      if (each.person !== person && each.may !== false) return true;
    return false;
  }

  #fitting(needed: Needed): readonly Holding[] {
    return this.#rules.holdings().filter(({ role }) => includesRole(role, needed.role));
  }

  /**
   * Each person who was given such a role somewhere, and each member of such a group: whether they have it for all that
   * is needed. `may`: null if Slack does not say it. `person`: null for people whom nobody can name. It ends within
   * LONGEST_MS and one more answer of Slack.
   */
  async *#decided(
    needed: Needed,
    fresh: boolean,
  ): AsyncGenerator<{ readonly person: string | null; readonly may: boolean | null }> {
    const endsMs = steadyMs() + LONGEST_MS;
    const whos = [...new Set(this.#fitting(needed).map(({ who }) => who))];
    const groups = await Promise.all(
      whos.filter(isGroup).map((group) => this.#people.membersOf(group, fresh).catch(() => null)),
    );
    const people = new Set([
      ...whos.filter((who) => !isGroup(who)),
      ...groups.flatMap((group) => [...(group?.members ?? [])]),
    ]);
    const left = [...people];
    while (left.length > 0) {
      if (steadyMs() > endsMs) return yield { person: null, may: null };
      yield* await Promise.all(
        left.splice(0, AT_ONCE).map(async (person) => {
          const { decision } = await this.#asked(person, needed, false);
          return { person, may: decision.kind === "asks" ? null : decision.kind === "allowed" };
        }),
      );
    }
    if (groups.includes(null)) yield { person: null, may: null };
  }

  /** What Slack says of an id. */
  async whoIs(id: string): Promise<WhoIs> {
    try {
      if (isGroup(id)) return { kind: "group", group: await this.#people.membersOf(id, true) };
      return { kind: "user", standing: isTerminal(id) ? "member" : await this.#people.standingOf(id, true) };
    } catch (error) {
      return { kind: "not known", why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Which holdings allow it; null: none, or that is not known. */
  async because(person: string, needed: Needed): Promise<readonly Holding[] | null> {
    const { decision } = await this.#asked(person, needed, false);
    return decision.kind === "allowed" ? decision.because : null;
  }

  async #asked(
    person: string,
    needed: Needed,
    fresh: boolean,
  ): Promise<{ readonly decision: Decision; readonly problem: unknown }> {
    const known = { groups: new Map<string, boolean>() } as {
      standing?: Known["standing"];
      groups: Map<string, boolean>;
    };
    let problem: unknown = null;
    const failed = (error: unknown) => {
      problem ??= error ?? "no answer";
    };
    const first = this.#decide(person, needed, known);
    if (first.kind !== "asks") return { decision: first, problem };
    await Promise.all([
      ...(first.standing
        ? [
            this.#people.standingOf(person, fresh).then((standing) => {
              known.standing = standing;
            }, failed),
          ]
        : []),
      ...first.groups.map((group) =>
        this.#people
          .membersOf(group, fresh)
          .then(({ members }) => void known.groups.set(group, members.has(person)), failed),
      ),
    ]);
    return { decision: this.#decide(person, needed, known), problem };
  }

  #decide(person: string, needed: Needed, known: Known): Decision {
    return decide(person, needed, this.#holdingsFor(person), known);
  }

  #holdingsFor(person: string): readonly Holding[] {
    const all = this.#rules.holdings();
    if (!isTerminal(person)) return all;
    const role = this.#rules.terminal === "admin" ? "admin" : "viewer";
    return [...all, { who: person, role, clusters: "all", source: { kind: "terminal" } }];
  }

  #refusal(person: string, needed: Needed): OperatorError {
    const { terminal } = this.#rules;
    if (isTerminal(person) && terminal !== "admin") return terminal;
    const all = this.#rules.holdings();
    if (needed.role !== "viewer" && !all.some(({ role }) => includesRole(role, "operator"))) return nobodyYet(person);
    return missingRole(person, needed, this.holders(needed), this.#people.nameOf);
  }
}

const isTerminal = (person: string): boolean => person.startsWith("terminal:");
