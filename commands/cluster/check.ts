import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { clusterReport } from "../../src/storage/health/cluster-report.ts";

export const clusterCheck = defineQuery({
  name: "cluster check",
  summary: "for an incident: every host from SSH to the age of its lease, worst first, each with its fix",
  args: z.strictObject({ cluster: nameSchema.describe("name of the cluster") }),
  positional: ["cluster"],
  examples: ["cluster check cluster-1"],
  narrower: "/zstack host show HOST",
  answer: clusterReport,
});
