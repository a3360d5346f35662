import type { Content } from "./content.ts";
import { failureOf } from "./failure.ts";

/**
 * `all`: also container, data_table and plan, which some workspaces refuse. `basic`: only kinds that every workspace
 * takes.
 */
export type Kinds = "all" | "basic";

const NEWER: ReadonlySet<string> = new Set(["container", "data_table", "plan"]);
const hasNewerBlocks = ({ blocks }: Pick<Content, "blocks">): boolean => blocks.some(({ type }) => NEWER.has(type));

/** After a refusal the newer kinds are tried again after this time. */
const REFUSED_MS = 3_600_000;

/** The kinds of blocks that Slack takes, as far as its answers have shown. */
export class BlockKinds {
  readonly #now: () => number;
  #refusedAt: number | null = null;
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get current(): Kinds {
    return this.#refusedAt !== null && this.#now() - this.#refusedAt < REFUSED_MS ? "basic" : "all";
  }

  /** Sends a message with all kinds of blocks. If Slack refuses the content, sends it with the basic ones. */
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
