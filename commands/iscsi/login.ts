import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planLogin } from "../../src/iscsi/login.ts";
import { chapUserSchema, portalListSchema, targetSchema } from "../../src/iscsi/names.ts";

export const iscsiLogin = defineChange({
  name: "iscsi login",
  summary: "log hosts in to an iSCSI target over every portal, now and at boot; without target= it names the targets",
  risk: "trust",
  args: z.strictObject({
    hostOrCluster: nameSchema.describe("a host or a cluster"),
    portal: portalListSchema.describe("the array's portals, IP or IP:PORT, several with commas"),
    target: targetSchema.describe("name of the target; default: the portals are asked for their targets").optional(),
    "chap-user": chapUserSchema.describe("CHAP user; the secret is asked for in a form").optional(),
  }),
  positional: ["hostOrCluster"],
  examples: [
    "iscsi login cluster-1 portal=172.20.14.11,172.20.14.12 target=iqn.2003-01.org.linux-iscsi.array2:shared",
    "iscsi login cluster-1 portal=172.20.14.11 target=iqn.2003-01.org.linux-iscsi.array2:guarded chap-user=zstack",
    "iscsi login sharedblock-host1 portal=172.20.14.11:3260",
  ],
  plan: planLogin,
});
