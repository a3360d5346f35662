import { z } from "zod";
import { whoSchema } from "../../src/access/role-arguments.ts";
import { roleShowReply } from "../../src/access/role-replies.ts";
import { defineQuery } from "../../src/core/command.ts";

export const roleShow = defineQuery({
  name: "role show",
  summary: "what a person or a user group may do, and why",
  args: z.strictObject({
    who: whoSchema.default("me").describe("a person or a user group: a mention, or me"),
  }),
  positional: ["who"],
  examples: ["role show", "role show @U012AB3CD"],
  answer: roleShowReply,
});
