import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { operationListReply } from "../../src/core/operation-reply.ts";

export const operationList = defineQuery({
  name: "operation list",
  summary: "the latest changes: who asked, who confirmed, how each ended",
  args: z.strictObject({ last: z.coerce.number().int().min(1).max(100).default(20).describe("how many") }),
  positional: [],
  examples: ["operation list", "operation list last=50"],
  answer: operationListReply,
});
