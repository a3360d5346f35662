import { z } from "zod";
import { freezeListReply } from "../../src/access/freeze-list.ts";
import { defineQuery } from "../../src/core/command.ts";

export const freezeList = defineQuery({
  name: "freeze list",
  summary: "what is frozen now, and each week",
  args: z.strictObject({}),
  positional: [],
  examples: ["freeze list"],
  answer: freezeListReply,
});
