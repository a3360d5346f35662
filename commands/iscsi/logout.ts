import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planLogout } from "../../src/iscsi/logout.ts";
import { portalListSchema, targetSchema } from "../../src/iscsi/names.ts";

export const iscsiLogout = defineChange({
  name: "iscsi logout",
  summary: "end iSCSI sessions, now and at boot; refused while a LUN behind them is in use",
  risk: "trust",
  args: z.strictObject({
    hostOrCluster: nameSchema.describe("a host or a cluster"),
    target: targetSchema.describe("name of the target"),
    portal: portalListSchema.describe("only at these portals, IP or IP:PORT, several with commas").optional(),
  }),
  positional: ["hostOrCluster"],
  examples: ["iscsi logout cluster-1 target=iqn.2003-01.org.linux-iscsi.array2:shared"],
  plan: planLogout,
});
