import { endKeyOf, type Operation } from "../core/operation.ts";
import type { Part } from "../core/reply.ts";
import { OncePosts } from "./once-posts.ts";
import type { World } from "./ports.ts";

/** The new messages with one operation's end. */
export const endPosts = (operation: Operation, { operations, log }: Pick<World, "operations" | "log">): OncePosts =>
  new OncePosts({
    key: endKeyOf(operation),
    since: operation.askedAt,
    posting: operation.posting,
    again: notifiedAgain,
    async write(posting) {
      const { id, state } = operation;
      try {
        // Until the end is on disk, the file has an earlier state.
        await operations.change(id, [state, "planned", "confirmed", "running"], { posting: [...posting] });
      } catch (error) {
        log.error(`${id}: writing where its end is posted`, error);
      }
    },
  });

const notifiedAgain: Part = {
  kind: "text",
  tone: "warning",
  text: "This end may be here twice: the bot was stopped while it posted it, or Slack's answer was lost.",
};
