import { endKeyOf, type Operation } from "../core/operation.ts";
import type { Part } from "../core/reply.ts";
import type { Message, PostOnce, World } from "./ports.ts";

/**
 * The new messages with one operation's end. The begin of a post is written to disk before the post. After a kill the
 * bot searches the place before it posts again. If the search is not conclusive, the message says so.
 */
export class EndPosts {
  readonly #operation: Operation;
  readonly #world: Pick<World, "operations" | "log">;
  /** Places where a post began, also by earlier processes of the bot. */
  #begun: ReadonlySet<string>;

  constructor(operation: Operation, world: Pick<World, "operations" | "log">) {
    this.#operation = operation;
    this.#world = world;
    this.#begun = new Set(operation.posting);
  }

  at(place: string, { reply, ...message }: Message): PostOnce {
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

  /** An end is posted even if the disk is full. */
  async #write(posting: readonly string[]): Promise<void> {
    this.#begun = new Set(posting);
    const { id, state } = this.#operation;
    const patch = { posting: [...posting] };
    try {
      // Until the end is on disk, the file has an earlier state.
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
