import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { operationIdSchema } from "../../src/core/operation.ts";
import { stopOperation } from "../../src/core/operation-stop.ts";

export const operationStop = defineAction({
  name: "operation stop",
  summary: "no further step of a running operation begins, or it leaves the queue",
  onlyForAsker: true,
  args: z.strictObject({ id: operationIdSchema.describe("the operation, op-7") }),
  positional: ["id"],
  examples: ["operation stop op-7"],
  act: stopOperation,
});
