import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { operationIdSchema } from "../../src/core/operation.ts";
import { operationReply } from "../../src/core/operation-reply.ts";

export const operationShow = defineQuery({
  name: "operation show",
  summary: "one change: every host command with its time, exit code and outcome",
  args: z.strictObject({
    id: operationIdSchema.describe("the operation, op-7"),
  }),
  positional: ["id"],
  examples: ["operation show op-1"],
  narrower: "/zstack audit list operation=ID steps=true",
  answer: operationReply,
});
