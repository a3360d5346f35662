import type { Content } from "./content.ts";
import { failureOf } from "./failure.ts";

/** `all`: with container, data_table and plan, which Slack does not take everywhere. `basic`: with those it always took. */
export type Kinds = "all" | "basic";

const NEWER: ReadonlySet<string> = new Set(["container", "data_table", "plan"]);
const hasNewerBlocks = ({ blocks }: Pick<Content, "blocks">): boolean => blocks.some(({ type }) => NEWER.has(type));

/** After a refusal the newer kinds are tried again so much later. */
const REFUSED_MS = 3_600_000;

/** Which kinds of blocks Slack takes, as far as it has shown. */
export class BlockKinds {
  readonly #now: () => number;
  #refusedAt: number | null = null;
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get current(): Kinds {
    return this.#refusedAt !== null && this.#now() - this.#refusedAt < REFUSED_MS ? "basic" : "all";
  }

  /** Sends a message with all kinds of blocks; if Slack refuses it for its content, with the basic ones. */
  async send<C extends Content, T>(
    make: (kinds: Kinds) => C,
    send: (content: C) => Promise<T>,
    isAboutContent: (error: unknown) => boolean = isRefusedContent,
  ): Promise<T> {
    const content = make(this.current);
    try {
      return await send(content);
    } catch (error) {
      if (!hasNewerBlocks(content) || !isAboutContent(error)) throw error;
      const taken = await send(make("basic"));
      this.#refusedAt = this.#now();
      return taken;
    }
  }
}

const isRefusedContent = (error: unknown): boolean => failureOf(error).about === "content";
