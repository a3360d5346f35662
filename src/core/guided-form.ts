import type { Facts } from "./facts.ts";
import type { Inventory } from "./inventory.ts";

/** One entry of a menu. */
export interface Choice {
  readonly value: string;
  /** What decides, in a few words. */
  readonly text: string;
  /** What else is known, in a few words. */
  readonly detail: string | null;
}

export interface LunChoice extends Choice {
  /** What is on it, as far as was observed; null if nothing was. */
  readonly content: string | null;
}

/** A LUN that can't be chosen. */
export interface UnusableLun {
  readonly wwid: string;
  /** One sentence or two, with the LUN in it. */
  readonly why: string;
  /** The storage that has it. Such LUNs are many, and of no interest one by one. */
  readonly owner: string | null;
}

/** The LUNs that a form offers. */
export interface LunOffer {
  readonly usable: readonly LunChoice[];
  readonly unusable: readonly UnusableLun[];
  /** What could not be read, one host a line: with any of it no LUN is usable. */
  readonly problems: readonly string[];
  /** The command that lists all of them. */
  readonly all: string;
}

/** Hosts as they were observed. What they offer depends on what the inventory has by now. */
export type OfferOf = (inventory: Inventory) => LunOffer;

/** What a person filled in. */
export interface FilledForm {
  readonly subject: string;
  readonly wwids: readonly string[];
  readonly name: string | null;
  readonly description: string | null;
  readonly wipe: boolean;
}
export type FormField = keyof FilledForm;
export interface WrongInput {
  readonly field: FormField;
  readonly why: string;
}

interface TextField {
  readonly key: "name" | "description";
  readonly label: string;
  readonly hint: string;
}

/** What `typedWords` makes a line of. */
export interface TypedCommand {
  readonly name: string;
  readonly inPlace: readonly string[];
  readonly given: Readonly<Record<string, string | undefined>>;
}

/** Why a form has nothing to offer for a subject, and the command that changes that. */
export interface Blocked {
  readonly why: string;
  readonly fix: string;
}

/** A form for who does not know a change's words: it asks for what the words say, and builds them. */
export interface GuidedForm {
  /** `Add Storage` */
  readonly title: string;
  /** What the LUNs are for: a cluster, or the storage that is extended. */
  readonly subject: {
    readonly label: string;
    /** If the inventory has none. */
    readonly none: Blocked;
    choices(inventory: Inventory): readonly Choice[];
    blocked(subject: string, inventory: Inventory): Blocked | null;
  };
  readonly texts: readonly TextField[];
  /** Reads the hosts. Throws a Refusal if it knows none for the subject. */
  observe(subject: string, facts: Facts): Promise<OfferOf>;
  /** What is wrong with names and texts, as far as the inventory shows it. */
  wrong(filled: FilledForm, inventory: Inventory): readonly WrongInput[];
  /** The command as a person types it. */
  typed(filled: FilledForm): TypedCommand;
}
