import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planDetach } from "../../src/storage/plans/detach.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  cluster: nameSchema.describe("the cluster that stops serving it"),
});

export const sharedBlockDetach = defineChange({
  name: "sharedblock detach",
  summary: "stop serving a storage on a cluster; refused while a volume is open there",
  risk: "trust",
  args,
  positional: ["name", "cluster"],
  examples: ["sharedblock detach ps-1 cluster-2"],
  plan: planDetach,
});
