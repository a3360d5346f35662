import type { Facts } from "./facts.ts";
import type { Inventory } from "./inventory.ts";

/** One entry of a menu. */
export interface Choice {
  readonly value: string;
  /** The most important facts, in a few words. */
  readonly text: string;
  /** Other facts, in a few words. */
  readonly detail: string | null;
}

export interface LunChoice extends Choice {
  /** The content of the LUN, if it was observed. Null if there is none. */
  readonly content: string | null;
}

/** A LUN that can't be chosen. */
export interface UnusableLun {
  readonly wwid: string;
  /** One or two sentences that name the LUN. */
  readonly why: string;
  /** The storage that owns the LUN. The form counts such LUNs and does not list them. */
  readonly owner: string | null;
}

/** The LUNs that a form offers. */
export interface LunOffer {
  readonly usable: readonly LunChoice[];
  readonly unusable: readonly UnusableLun[];
  /** What could not be read, one host a line. If anything could not be read, no LUN can be chosen. */
  readonly problems: readonly string[];
  /** The command that lists all of them. */
  readonly all: string;
}

/** An observation of the hosts. What it offers depends on the inventory at the time of the call. */
export type OfferOf = (inventory: Inventory) => LunOffer;

/** The values that a person filled in. */
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

/** The arguments from which `typedWords` makes a line. */
export interface TypedCommand {
  readonly name: string;
  readonly inPlace: readonly string[];
  readonly given: Readonly<Record<string, string | undefined>>;
}

/** Why a form can offer nothing for a subject, and the command that changes this. */
export interface Blocked {
  readonly why: string;
  readonly fix: string;
}

/** A form for people who don't know a change's arguments. It asks for them and builds the command. */
export interface GuidedForm {
  /** The title: `Add Storage`. */
  readonly title: string;
  /** The object that the LUNs are for: a cluster, or the storage to extend. */
  readonly subject: {
    readonly label: string;
    /** The text if the inventory has no such object. */
    readonly none: Blocked;
    choices(inventory: Inventory): readonly Choice[];
    blocked(subject: string, inventory: Inventory): Blocked | null;
  };
  readonly texts: readonly TextField[];
  /** Reads the hosts. Throws a Refusal if the subject has no hosts. */
  observe(subject: string, facts: Facts): Promise<OfferOf>;
  /** Problems of names and texts that the inventory alone can show. */
  wrong(filled: FilledForm, inventory: Inventory): readonly WrongInput[];
  /** The command as a person would type it. */
  typed(filled: FilledForm): TypedCommand;
}
