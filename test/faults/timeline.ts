import type { Result } from "../../src/simulator/san/program.ts";
import type { PageMessage, PageView } from "../../src/workspace/page-protocol.ts";

export type GestureKind = "say" | "confirm" | "cancel" | "submit";

export interface UserAction {
  readonly kind: "action";
  readonly person: string;
  readonly does: GestureKind;
  /** What was typed; for a click or a form, of the plan it belongs to. */
  readonly words: string;
  /** The message that was clicked, or to which the form belongs; null for words. */
  readonly messageTs: string | null;
  /** Whether it confirms by itself what the message shows: a click that opens no form, a form that was sent. */
  readonly confirms: boolean;
}
export interface ProgramRun {
  readonly kind: "program";
  readonly host: string;
  readonly argv: readonly string[];
  /** null where it was kept from running. */
  readonly real: Result | null;
  /** What the host said of it; null where the connection was cut. */
  readonly answered: Result | null;
  /** It changed the SAN or the host. */
  readonly changed: boolean;
  /** How long the bot's audit log was on disk when the program began. */
  readonly auditBytes: number;
}
export type Happening =
  | UserAction
  | ProgramRun
  /** New, or changed. */
  | { readonly kind: "message"; readonly message: PageMessage }
  | { readonly kind: "view"; readonly view: PageView }
  /** What Slack itself shows to a person. */
  | { readonly kind: "trouble"; readonly person: string; readonly text: string }
  /** What stands on the screen of somebody at a terminal. */
  | { readonly kind: "terminal"; readonly person: string; readonly text: string }
  /** What a form says is wrong with it. */
  | { readonly kind: "form errors"; readonly person: string; readonly text: string }
  | { readonly kind: "bot"; readonly what: "started" | "killed" | "stopped" | "ended by itself"; readonly text: string }
  | { readonly kind: "fault"; readonly text: string }
  /** Somebody puts a file system on a LUN, behind the bot's back. */
  | { readonly kind: "written"; readonly wwid: string }
  /** The plan in this message is of a bot on another data folder. */
  | { readonly kind: "foreign plan"; readonly ts: string }
  /** These words are typed to a bot on another data folder. */
  | { readonly kind: "foreign words"; readonly words: string }
  | { readonly kind: "again"; readonly when: "at once" | "hours later" }
  | { readonly kind: "well again" };

export type Event = Happening & { readonly seq: number; readonly atMs: number };
/** A program, before its watch knows what becomes of it. */
export interface Beginning {
  readonly host: string;
  readonly argv: readonly string[];
}

/** All that happened, in its order: the world's own record, which knows nothing of what the bot claims. */
export class Timeline {
  readonly events: Event[] = [];
  readonly #beganAt = Date.now();
  readonly #listeners: ((event: Event) => void)[] = [];
  #latestAt = Date.now();

  record(happening: Happening): Event {
    this.#latestAt = Date.now();
    const event = { ...happening, seq: this.events.length + 1, atMs: this.#latestAt - this.#beganAt };
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  onEvent(listener: (event: Event) => void): void {
    this.#listeners.push(listener);
  }

  /** Where a message first stood in the record. */
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

  /** Something is going on that has no event of its own. */
  stir(): void {
    this.#latestAt = Date.now();
  }

  after(seq: number): readonly Event[] {
    return this.events.slice(seq);
  }
}
