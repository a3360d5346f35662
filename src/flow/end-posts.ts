import { endKeyOf, type Operation } from "../core/operation.ts";
import type { Part } from "../core/reply.ts";
import type { Message, Once, World } from "./ports.ts";

/**
 * The new messages with one operation's end. That one begins to be posted is written first: after a kill the place is asked
 * before it is posted again, and if nobody can tell, the message says so.
 */
export class EndPosts {
  readonly #operation: Operation;
  readonly #world: Pick<World, "operations" | "log">;
  /** Also of the processes before this one. */
  #begun: ReadonlySet<string>;

  constructor(operation: Operation, world: Pick<World, "operations" | "log">) {
    this.#operation = operation;
    this.#world = world;
    this.#begun = new Set(operation.posting);
  }

  at(place: string, { reply, ...message }: Message): Once {
    const wasBegun = this.#begun.has(place);
    return {
      key: endKeyOf(this.#operation),
      since: this.#operation.askedAt,
      mayBeThere: wasBegun,
      again: { ...message, reply: { ...reply, parts: [notifiedAgain, ...reply.parts] } },
      begins: async () => {
        if (!this.#begun.has(place)) await this.#write([...this.#begun, place]);
      },
      wasNotTaken: async () => {
        if (!wasBegun) await this.#write([...this.#begun].filter((each) => each !== place));
      },
    };
  }

  /** A full disk keeps no end from being told. */
  async #write(posting: readonly string[]): Promise<void> {
    this.#begun = new Set(posting);
    const { id, state } = this.#operation;
    const patch = { posting: [...posting] };
    try {
      // As long as its end is not on disk the file has it as it was before.
      await this.#world.operations.change(id, [state, "planned", "confirmed", "running"], patch);
    } catch (error) {
      this.#world.log.error(`${id}: writing where its end is posted`, error);
    }
  }
}

const notifiedAgain: Part = {
  kind: "text",
  tone: "warning",
  text: "This end may be here twice: the bot was stopped while it posted it, or Slack's answer was lost.",
};
