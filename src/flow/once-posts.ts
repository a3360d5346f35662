import type { Part } from "../core/reply.ts";
import type { Message, PostOnce } from "./ports.ts";

/** A message that several places must have once each. */
interface OncePerPlace {
  /** The same in every place. Other data folders have other keys. */
  readonly key: string;
  /** It was not posted before this time. */
  readonly since: string;
  /** Places where a post began and its result is not known, also of earlier processes of the bot. */
  readonly posting: readonly string[];
  /** Above the message if a search can't show whether it is there already. */
  readonly again: Part;
  /** Writes `posting` to disk. Never throws: a message is posted even if the disk is full. */
  write(posting: readonly string[]): Promise<void>;
}

/**
 * The beginning of a post is written to disk before the post. After a kill the bot searches the place before it posts
 * again. If the search is not conclusive, the message says so.
 */
export class OncePosts {
  readonly #message: OncePerPlace;
  #begun: ReadonlySet<string>;

  constructor(message: OncePerPlace) {
    this.#message = message;
    this.#begun = new Set(message.posting);
  }

  at(place: string, { reply, ...message }: Message): PostOnce {
    const { key, since, again } = this.#message;
    const wasBegun = this.#begun.has(place);
    return {
      key,
      since,
      mayBeThere: wasBegun,
      again: { ...message, reply: { ...reply, parts: [again, ...reply.parts] } },
      begins: async () => {
        if (!this.#begun.has(place)) await this.#write([...this.#begun, place]);
      },
      wasNotTaken: async () => {
        if (!wasBegun) await this.#write([...this.#begun].filter((each) => each !== place));
      },
    };
  }

  async #write(posting: readonly string[]): Promise<void> {
    this.#begun = new Set(posting);
    await this.#message.write(posting);
  }
}
