import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planRescan } from "../../src/storage/plans/rescan.ts";

export const hostRescan = defineChange({
  name: "host rescan",
  summary: "scan every SCSI host for new LUNs, and read new sizes of LUNs of no storage",
  risk: "reversible",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster") }),
  positional: ["hostOrCluster"],
  examples: ["host rescan cluster-1", "host rescan sharedblock-host1"],
  plan: planRescan,
});
