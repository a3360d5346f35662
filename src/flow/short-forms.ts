import { createHmac } from "node:crypto";
import { type Command, roleNeeded } from "../core/command.ts";
import type { OperatorError } from "../core/refusal.ts";
import { type ShortCommand, understand } from "../language/understand.ts";
import { anyChange, decidedClusters } from "./authority.ts";
import type { World } from "./ports.ts";

/** A form that asks for what a command lacks: `incident silence inc-7` needs a time and a reason. */
export interface ShortForm {
  /** `Silence inc-7` */
  readonly title: string;
  readonly words: string;
  readonly fields: readonly ShortField[];
}
interface ShortField {
  readonly key: string;
  readonly label: string;
  /** It is chosen among the people of Slack. */
  readonly isPerson: boolean;
}
type Values = Readonly<Record<string, string>>;

/** Forms for actions that lack arguments. A submitted form becomes a typed command and is answered like any other. */
export class ShortForms {
  readonly #commands: readonly Command[];
  readonly #world: Pick<World, "permission" | "buttonKey" | "operations" | "reviews">;

  constructor(commands: readonly Command[], world: Pick<World, "permission" | "buttonKey" | "operations" | "reviews">) {
    this.#commands = commands;
    this.#world = world;
  }

  /** null: the words are complete, or no action. */
  of(words: string): ShortForm | null {
    const short = this.#shortOf(words);
    if (short === null) return null;
    const [verb = "", ...objects] = words.trim().split(/\s+/).slice(1);
    return {
      title: [verb.slice(0, 1).toUpperCase() + verb.slice(1), ...objects.slice(0, 1)].join(" "),
      words,
      fields: short.missing.map(({ key, description }) => ({
        key,
        label: description.slice(0, 1).toUpperCase() + description.slice(1),
        isPerson: key === "to",
      })),
    };
  }

  /** Only this data folder can make it. */
  sealOf(words: string): string {
    return createHmac("sha256", this.#world.buttonKey).update(`short form ${words}`).digest("hex").slice(0, 24);
  }

  refusal(words: string, by: string, mayNotChangeHere: OperatorError | null): OperatorError | null {
    const short = this.#shortOf(words);
    const role = short === null ? anyChange.role : roleNeeded(short.command);
    const clusters = (short && decidedClusters({ command: short.command, args: short.given }, this.#world)) ?? "any";
    return mayNotChangeHere ?? this.#world.permission.known(by, { role, clusters });
  }

  /** Why fields can't be used; empty: the command is complete. */
  wrong(words: string, values: Values): readonly { readonly key: string; readonly why: string }[] {
    const short = this.#shortOf(words);
    if (short === null) return [];
    const { shape } = short.command.args;
    return short.missing.flatMap(({ key }) => {
      const parsed = shape[key].safeParse(values[key]);
      return parsed.success ? [] : [{ key, why: `This ${parsed.error.issues[0]?.message ?? "can't be used"}.` }];
    });
  }

  /** The command that the submitted form stands for. */
  wordsOf(words: string, values: Values): string {
    return this.#shortOf(words)?.with(values) ?? words;
  }

  #shortOf(words: string): ShortCommand | null {
    const understood = understand(words, this.#commands);
    if (understood.kind !== "misunderstood" || understood.short === null) return null;
    const { short } = understood;
    return short.command.kind === "action" && words.trim() !== short.command.name ? short : null;
  }
}
