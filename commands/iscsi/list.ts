import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { sessionsReply } from "../../src/iscsi/sessions-reply.ts";

export const iscsiList = defineQuery({
  name: "iscsi list",
  summary: "iSCSI sessions: target, portal, state and LUNs, and the name of each host",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster; default: all hosts").optional() }),
  positional: ["hostOrCluster"],
  examples: ["iscsi list cluster-1", "iscsi list"],
  narrower: "/zstack iscsi list HOST",
  answer: sessionsReply,
});
