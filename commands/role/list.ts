import { z } from "zod";
import { roleListReply } from "../../src/access/role-replies.ts";
import { defineQuery } from "../../src/core/command.ts";

export const roleList = defineQuery({
  name: "role list",
  summary: "who was given which role, for which clusters, and by whom",
  args: z.strictObject({}),
  positional: [],
  examples: ["role list"],
  answer: roleListReply,
});
