import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { NEEDED_PACKAGES, packageNames } from "../../src/host/packages.ts";
import { planPrepare } from "../../src/prepare/preparation.ts";

const args = z.strictObject({
  hostOrCluster: nameSchema.describe("a host or a cluster"),
  install: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe(`true: install the missing packages of this list: ${NEEDED_PACKAGES.map(packageNames).join(", ")}`),
});

export const hostPrepare = defineChange({
  name: "host prepare",
  summary: "make hosts ready: name, /etc/hosts, packages, multipath modules, lock services",
  risk: "trust",
  args,
  positional: ["hostOrCluster"],
  examples: ["host prepare cluster-1", "host prepare sharedblock-host1 install=true"],
  plan: planPrepare,
});
