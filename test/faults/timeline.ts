import type { Result } from "../../src/simulator/san/program.ts";
import type { PageMessage, PageView } from "../../src/workspace/page-protocol.ts";

export type GestureKind = "say" | "confirm" | "cancel" | "submit" | "press";

export interface UserAction {
  readonly kind: "action";
  readonly person: string;
  readonly does: GestureKind;
  /** The typed command; for a click or a form, the command of its plan; for a press, the command of its button. */
  readonly words: string;
  /** The message of the click or the form; null for a command. */
  readonly messageTs: string | null;
  /** Whether it confirms the plan in the message: a click that opens no form, or a form that was sent. */
  readonly confirms: boolean;
}
export interface ProgramRun {
  readonly kind: "program";
  readonly host: string;
  readonly argv: readonly string[];
  /** null: the program was prevented from running. */
  readonly real: Result | null;
  /** The answer of the host; null: the connection was cut. */
  readonly answered: Result | null;
  /** Whether it changed the SAN or the host. */
  readonly changed: boolean;
  /** The length of the bot's audit log on disk when the program began. */
  readonly auditBytes: number;
}
export type Happening =
  | UserAction
  | ProgramRun
  /** A new or changed message. */
  | { readonly kind: "message"; readonly message: PageMessage }
  | { readonly kind: "view"; readonly view: PageView }
  /** What Slack itself shows to a person. */
  | { readonly kind: "trouble"; readonly person: string; readonly text: string }
  /** What the screen of a person at a terminal shows. */
  | { readonly kind: "terminal"; readonly person: string; readonly text: string }
  /** The errors of a form. */
  | { readonly kind: "form errors"; readonly person: string; readonly text: string }
  | { readonly kind: "bot"; readonly what: "started" | "killed" | "stopped" | "ended by itself"; readonly text: string }
  /** `host`: the host that it concerns, if it concerns one. */
  | { readonly kind: "fault"; readonly text: string; readonly does: string; readonly host: string }
  /** A host that was down or silent answers again. */
  | { readonly kind: "healed"; readonly host: string }
  /** The SAN changes without the bot. */
  | { readonly kind: "outside"; readonly does: "grows" | "unmaps"; readonly wwid: string }
  /** A person puts a file system on a LUN, without the bot. */
  | { readonly kind: "written"; readonly wwid: string }
  /** The plan in this message is of a bot on another data folder. */
  | { readonly kind: "foreign plan"; readonly ts: string }
  /** This command is typed to a bot on another data folder. */
  | { readonly kind: "foreign words"; readonly words: string }
  /** From now on these people are in the user group. The log had so many bytes then. */
  | { readonly kind: "group"; readonly users: readonly string[]; readonly auditBytes: number }
  /** From its next start on the bot's clock is ahead by so much more. */
  | { readonly kind: "later"; readonly ms: number }
  | { readonly kind: "again"; readonly when: "at once" | "hours later" }
  | { readonly kind: "well again" };

export type Event = Happening & { readonly seq: number; readonly atMs: number };

/** Everything that happened, in order. The world's own record, without what the bot claims. */
export class Timeline {
  readonly events: Event[] = [];
  /** In milliseconds since the epoch. */
  readonly beganMs = Date.now();
  readonly #listeners: ((event: Event) => void)[] = [];
  #latestAt = Date.now();

  record(happening: Happening): Event {
    this.#latestAt = Date.now();
    const event = { ...happening, seq: this.events.length + 1, atMs: this.#latestAt - this.beganMs };
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  onEvent(listener: (event: Event) => void): void {
    this.#listeners.push(listener);
  }

  /** The position at which a message came first. */
  firstOf(ts: string): number {
    return this.events.find((event) => event.kind === "message" && event.message.ts === ts)?.seq ?? 0;
  }

  get seq(): number {
    return this.events.length;
  }

  /** How long nothing has happened. */
  get quietMs(): number {
    return Date.now() - this.#latestAt;
  }

  /** Notes that something happens that has no event of its own. */
  stir(): void {
    this.#latestAt = Date.now();
  }

  after(seq: number): readonly Event[] {
    return this.events.slice(seq);
  }
}
