import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planAttach } from "../../src/storage/plans/attach.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  cluster: nameSchema.describe("the cluster of the same zone that serves it too"),
});

export const sharedBlockAttach = defineChange({
  name: "sharedblock attach",
  summary: "serve a storage on one more cluster",
  risk: "trust",
  args,
  positional: ["name", "cluster"],
  examples: ["sharedblock attach ps-1 cluster-2"],
  plan: planAttach,
});
