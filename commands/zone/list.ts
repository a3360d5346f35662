import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { zoneListReply } from "../../src/core/inventory-lists.ts";

export const zoneList = defineQuery({
  name: "zone list",
  summary: "the zones, with how much each holds",
  args: z.strictObject({}),
  positional: [],
  examples: ["zone list"],
  answer: zoneListReply,
});
