import { createHmac } from "node:crypto";
import type { Change, Command } from "../core/command.ts";
import { errorReply } from "../core/error-reply.ts";
import type {
  Blocked,
  Choice,
  FilledForm,
  GuidedForm,
  LunChoice,
  LunOffer,
  OfferOf,
  TypedCommand,
  WrongInput,
} from "../core/guided-form.ts";
import { NotWritten } from "../core/not-written.ts";
import { errorLines, type OperatorError } from "../core/refusal.ts";
import { plainLines, type Reply } from "../core/reply.ts";
import { typedWords } from "../core/typed-words.ts";
import { tokenise } from "../language/tokenise.ts";
import { understand } from "../language/understand.ts";
import { anyChange } from "./authority.ts";
import { factsFor } from "./facts.ts";
import { Observation } from "./observation.ts";
import type { OpenQuestions } from "./open-questions.ts";
import type { World } from "./ports.ts";
import { refusalReply } from "./refusal-reply.ts";

/** An older observation is made again. */
const FRESH_MS = 30_000;
/** Slack opens a form only within 3 s of the click. */
const ROLE_MS = 800;
/** Slack waits 3 s for a menu's options. */
const OPTIONS_MS = 2_000;
/** The most observations that are kept, each of one cluster or storage. */
const KEPT = 8;
/** The most options that Slack takes in one answer. */
const MOST_OPTIONS = 100;

/** The LUNs that a form shows. */
type LunsOfForm =
  | { readonly kind: "no subject" }
  | { readonly kind: "blocked"; readonly blocked: Blocked }
  /** `observed` never rejects. */
  | { readonly kind: "observing"; readonly observed: Promise<LunsOfForm> }
  | { readonly kind: "failed"; readonly why: readonly string[] }
  | { readonly kind: "offered"; readonly offer: LunOffer; readonly at: string };

/** The present content of a form. */
export interface OpenForm {
  /** The change that the form builds: `sharedblock add`. */
  readonly command: string;
  readonly form: GuidedForm;
  /** null until the person has chosen one of several. */
  readonly subject: Choice | null;
  readonly luns: LunsOfForm;
}

/** Which form, and for which cluster or storage. */
interface FormAsked {
  readonly command: string;
  readonly subject: string | null;
  readonly by: string;
}

type Result =
  | { readonly kind: "failed"; readonly why: readonly string[] }
  | { readonly kind: "observed"; readonly offerOf: OfferOf };
type Timed = Result & { readonly at: number };
interface Kept {
  readonly done: Promise<Timed>;
  result: Timed | null;
}

/**
 * Forms that build the words of changes. They read the inventory and observe hosts. A submitted form becomes a typed
 * command and is answered like any other.
 */
export class Forms {
  readonly #commands: readonly Command[];
  readonly #world: World;
  readonly #open: OpenQuestions;
  /** The latest observations, the oldest first. */
  readonly #kept = new Map<string, Kept>();

  constructor(commands: readonly Command[], world: World, open: OpenQuestions) {
    this.#commands = commands;
    this.#world = world;
    this.#open = open;
  }

  /** The change of the form that this command opens, or null. */
  commandOfForm(words: string): string | null {
    const understood = understand(words, this.#commands);
    return understood.kind === "form" ? understood.command.name : null;
  }

  /** A form of this data folder has this seal; no other can make it. */
  sealOf(command: string): string {
    return createHmac("sha256", this.#world.buttonKey).update(`form ${command}`).digest("hex").slice(0, 24);
  }

  /**
   * Why this person may not open a form here; null: they may. If Slack does not say it soon, the form opens: what is sent
   * with it is checked again.
   */
  async refusalSoon(by: string, mayNotChangeHere: OperatorError | null): Promise<Reply | null> {
    const known = this.refusal(by, mayNotChangeHere);
    if (known !== null) return known;
    const late = this.#world.clock.sleep(ROLE_MS).then(() => null);
    const why = await Promise.race([this.#world.permission.whyNot(by, anyChange), late]);
    return why === null ? null : errorReply(why, { foot: "Nothing was run." });
  }

  /** The same from memory. */
  refusal(by: string, mayNotChangeHere: OperatorError | null): Reply | null {
    const why = mayNotChangeHere ?? this.#world.permission.known(by, anyChange);
    return why === null ? null : errorReply(why, { foot: "Nothing was run." });
  }

  /** Answers at once, from memory: a form opens within 3 s. Begins an observation if the latest one is too old. */
  now({ command, subject, by }: FormAsked): OpenForm | null {
    const form = this.#formOf(command);
    if (form === null) return null;
    const all = form.subject.choices(this.#world.inventory.current());
    const [only, another] = all;
    if (only === undefined)
      return { command, form, subject: null, luns: { kind: "blocked", blocked: form.subject.none } };
    const chosen = all.find(({ value }) => value === subject) ?? (another === undefined ? only : null);
    const luns: LunsOfForm = chosen === null ? { kind: "no subject" } : this.#lunsOf(command, form, chosen.value, by);
    return { command, form, subject: chosen, luns };
  }

  /** Clusters or storages with these characters in their name. */
  subjects(command: string, query: string): readonly Choice[] {
    const choices = this.#formOf(command)?.subject.choices(this.#world.inventory.current()) ?? [];
    return matching(choices, query);
  }

  /**
   * LUNs with these characters in their WWID or their description. They come from an observation that is at most 30 s
   * old. A new observation may take longer than Slack waits. The answer then says so, and the observation continues.
   */
  async luns({ command, subject, by }: FormAsked, query: string): Promise<readonly Choice[]> {
    const form = this.#formOf(command);
    if (form === null || subject === null) return [];
    const latest = this.#lunsOf(command, form, subject, by);
    const late = this.#world.clock.sleep(OPTIONS_MS).then(() => latest);
    const luns = latest.kind === "observing" ? await Promise.race([latest.observed, late]) : latest;
    if (luns.kind === "observing") return [stillObserving(subject)];
    return luns.kind === "offered" ? matching(luns.offer.usable, query) : [];
  }

  /** What is wrong in a submitted form, without asking a host; empty: nothing. */
  wrong(command: string, filled: FilledForm): readonly WrongInput[] {
    const form = this.#formOf(command);
    if (form === null) return [];
    const inventory = this.#world.inventory.current();
    const { subject } = filled;
    if (!form.subject.choices(inventory).some(({ value }) => value === subject)) {
      return [{ field: "subject", why: `${subject} is no longer in the inventory. Choose again.` }];
    }
    const blocked = form.subject.blocked(subject, inventory);
    if (blocked !== null) return [{ field: "subject", why: `${blocked.why} Fix: /zstack ${blocked.fix}` }];
    const wrong = [...this.#wrongLuns(command, filled), ...form.wrong(filled, inventory)];
    return wrong.length > 0 ? wrong : this.#wrongWords(form, filled);
  }

  /** The command that the submitted form stands for. */
  words(command: string, filled: FilledForm): string {
    const form = this.#formOf(command);
    if (form === null) throw new Error(`${command} has no form`);
    return lineOf(form.typed(filled));
  }

  #formOf(name: string): GuidedForm | null {
    const command = this.#commands.find((each): each is Change => each.kind === "change" && each.name === name);
    return command?.form ?? null;
  }

  #lunsOf(command: string, form: GuidedForm, subject: string, by: string): LunsOfForm {
    const inventory = this.#world.inventory.current();
    const blocked = form.subject.blocked(subject, inventory);
    if (blocked !== null) return { kind: "blocked", blocked };
    const kept = this.#fresh(command, subject) ?? this.#observe(command, form, subject, by);
    const shown = ({ at, ...result }: Timed): LunsOfForm =>
      result.kind === "failed"
        ? result
        : { kind: "offered", offer: result.offerOf(this.#world.inventory.current()), at: new Date(at).toISOString() };
    return kept.result === null ? { kind: "observing", observed: kept.done.then(shown) } : shown(kept.result);
  }

  /** An observation that is running, or one of the last 30 s that read every host. */
  #fresh(command: string, subject: string): Kept | null {
    const kept = this.#kept.get(keyOf(command, subject));
    if (kept === undefined || kept.result === null) return kept ?? null;
    const { result } = kept;
    if (result.kind === "failed" || this.#now() - result.at > FRESH_MS) return null;
    return result.offerOf(this.#world.inventory.current()).problems.length === 0 ? kept : null;
  }

  #observe(command: string, form: GuidedForm, subject: string, by: string): Kept {
    const done = this.#observed(command, form, subject, by).then((result) => ({ ...result, at: this.#now() }));
    const kept: Kept = { done, result: null };
    const key = keyOf(command, subject);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    void done.then((result) => {
      kept.result = result;
    });
    const [oldest] = [...this.#kept].filter(([, each]) => each.result !== null);
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest[0]);
    return kept;
  }

  /** Never rejects. */
  async #observed(command: string, form: GuidedForm, subject: string, by: string): Promise<Result> {
    const words = `${command} ${subject}`;
    const close = this.#open.take(by, words, true);
    if (typeof close !== "function")
      return {
        kind: "failed",
        why: linesOf(close).map((line) => line.replace(`/zstack ${words}`, "open the form again")),
      };
    const asked = { words, by, askedAt: new Date(this.#now()).toISOString() };
    const { gather } = new Observation(this.#world.hosts, this.#world.clock, "query");
    try {
      await this.#log(asked);
      return { kind: "observed", offerOf: await form.observe(subject, factsFor(asked, this.#world, gather)) };
    } catch (error) {
      return { kind: "failed", why: linesOf(refusalReply(error, words, by, this.#world, "query")) };
    } finally {
      close();
    }
  }

  /** Logged like a query before hosts are read. A failed write does not prevent the answer. */
  async #log({ words, by }: { readonly words: string; readonly by: string }): Promise<void> {
    try {
      await this.#world.audit.append(by, null, { kind: "asked", words: `${words} (form)` });
    } catch (error) {
      if (!(error instanceof NotWritten)) throw error;
      this.#world.log.error("the audit log does not have that a form observed hosts", error);
    }
  }

  #wrongLuns(command: string, { subject, wwids, wipe }: FilledForm): WrongInput[] {
    const kept = this.#kept.get(keyOf(command, subject));
    if (wwids.length === 0) return [{ field: "subject", why: whyNoLun(subject, kept?.result ?? null) }];
    // After a restart there is no observation yet. The plan observes anyway.
    if (kept?.result?.kind !== "observed") return [];
    const { usable, unusable } = kept.result.offerOf(this.#world.inventory.current());
    const chosen = wwids.map((wwid) => ({ wwid, lun: usable.find(({ value }) => value === wwid) }));
    const bad = chosen.flatMap(({ wwid, lun }): WrongInput[] => {
      if (lun !== undefined) return [];
      const reason = unusable.find((each) => each.wwid === wwid)?.why ?? `No host sees LUN ${wwid} now.`;
      const why = wwid === OBSERVING ? "This is no LUN. Remove it, then open the list again." : reason;
      return [{ field: "wwids", why }];
    });
    return [...bad, ...(wipe ? [] : chosen.flatMap(({ lun }) => (lun === undefined ? [] : lost(lun))))];
  }

  /** The command must contain exactly what was filled in, with all its characters. */
  #wrongWords(form: GuidedForm, filled: FilledForm): WrongInput[] {
    const typed = form.typed(filled);
    const line = lineOf(typed);
    if (saysExactly(line, typed) && understand(line, this.#commands).kind === "command") return [];
    return filled.description === null
      ? [{ field: "wwids", why: "The command is too long. Choose fewer LUNs." }]
      : [{ field: "description", why: "This text can't be part of a command. Write one line of plain text." }];
  }

  readonly #now = (): number => this.#world.clock.now().getTime();
}

/** The value of a placeholder, which a person may choose while there is no LUN. */
const OBSERVING = "observing";
const stillObserving = (subject: string): Choice => ({
  value: OBSERVING,
  text: `Observing the hosts of ${subject}…`,
  detail: "Close this list and open it again in some seconds.",
});

const whyNoLun = (subject: string, result: Result | null): string =>
  result === null
    ? `The hosts of ${subject} are still being observed. Wait for the list of LUNs.`
    : `No LUN is chosen for ${subject}. If none can be used, the reasons are below.`;

const lost = ({ text, content }: LunChoice): WrongInput[] =>
  content === null
    ? []
    : [{ field: "wipe", why: `${text.split(" · ")[0]} holds ${content}. Select this if it may be destroyed.` }];

const lineOf = ({ name, inPlace, given }: TypedCommand): string => typedWords(name, inPlace, given);

function saysExactly(line: string, { name, inPlace, given }: TypedCommand): boolean {
  const read = tokenise(line);
  if (read.kind === "unreadable") return false;
  const words = read.tokens.flatMap((token) => (token.kind === "word" ? [token.text] : []));
  const pairs = read.tokens.flatMap((token) => (token.kind === "pair" ? [[token.key, token.value]] : []));
  const expected = Object.entries(given).filter(([, value]) => value !== undefined && value !== "");
  return JSON.stringify([words, pairs]) === JSON.stringify([[...name.split(" "), ...inPlace], expected]);
}

/** The lines of an error in a form, without the command, which was not typed. */
const linesOf = ({ title, error, parts }: Reply): string[] =>
  error === undefined ? [title, ...plainLines(parts)] : errorLines(error);

const keyOf = (command: string, subject: string): string => JSON.stringify([command, subject]);

function matching(choices: readonly Choice[], query: string): Choice[] {
  const typed = query.trim().toLowerCase();
  const fits = ({ value, text, detail }: Choice) => `${value} ${text} ${detail ?? ""}`.toLowerCase().includes(typed);
  return choices.filter(fits).slice(0, MOST_OPTIONS);
}
