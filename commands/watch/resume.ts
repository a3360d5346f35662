import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { resumeWatch } from "../../src/watch/watch-pauses.ts";

export const watchResume = defineAction({
  name: "watch resume",
  summary: "end the pause of a cluster",
  args: z.strictObject({
    cluster: nameSchema.describe("name of the cluster"),
  }),
  positional: ["cluster"],
  examples: ["watch resume cluster-1"],
  act: resumeWatch,
});
