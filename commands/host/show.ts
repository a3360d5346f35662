import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { hostReport } from "../../src/storage/health/host-report.ts";

export const hostShow = defineQuery({
  name: "host show",
  summary: "one host as it is now: system, services, LVM settings, disks, maps",
  args: z.strictObject({ name: nameSchema.describe("name of the host") }),
  positional: ["name"],
  examples: ["host show sharedblock-host1"],
  narrower: "lsscsi -s",
  answer: hostReport,
});
