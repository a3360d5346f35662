import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { watchShowReply } from "../../src/watch/watch-show.ts";

export const watchShow = defineQuery({
  name: "watch show",
  summary: "how each host is watched, and what is paused",
  args: z.strictObject({}),
  positional: [],
  examples: ["watch show"],
  answer: watchShowReply,
});
