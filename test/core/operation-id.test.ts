import { expect, it } from "vitest";
import { operationIdSchema } from "../../src/core/operation.ts";

it.each(["op-7", "OP-7", "Op-7", "7", "007", "op-07"])("%s is op-7", (text) => {
  expect(operationIdSchema.parse(text)).toBe("op-7");
});

it.each(["", "op-", "op7", "0", "op-0", "-7", "7a", "op-1234567890123", "٧"])("%j is no operation", (text) => {
  expect(operationIdSchema.safeParse(text).success).toBe(false);
});
