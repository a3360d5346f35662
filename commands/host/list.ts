import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostListReply } from "../../src/core/inventory-lists.ts";

export const hostList = defineQuery({
  name: "host list",
  summary: "the registered hosts",
  args: z.strictObject({}),
  positional: [],
  examples: ["host list"],
  answer: hostListReply,
});
