import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { hostSchema, nameSchema } from "../../src/core/inventory.ts";
import { planAddHost } from "../../src/storage/plans/add-host.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the new host"),
  address: z
    .string()
    .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}$/, "is not an IP address or host name")
    .describe("its IP address or host name"),
  cluster: nameSchema.describe("cluster it belongs to"),
  port: z.coerce.number().int().min(1).max(65_535).optional().describe("its SSH port, 22 if not typed"),
  user: hostSchema.shape.user.optional().describe("the SSH user, root if not typed; others use sudo -n"),
});

export const hostAdd = defineChange({
  name: "host add",
  summary: "register a host; you confirm its SSH host key",
  risk: "trust",
  args,
  positional: ["name"],
  examples: ["host add sharedblock-host4 address=172.20.12.242 cluster=cluster-1"],
  plan: planAddHost,
});
