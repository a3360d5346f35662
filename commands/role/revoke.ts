import { z } from "zod";
import { revokeRole } from "../../src/access/role-acts.ts";
import { clustersSchema, roleArgument, whoSchema } from "../../src/access/role-arguments.ts";
import { defineAction } from "../../src/core/command.ts";

export const roleRevoke = defineAction({
  name: "role revoke",
  summary: "take a granted role away, at once",
  needs: "admin",
  args: z.strictObject({
    who: whoSchema.describe("a person or a user group: a mention, or me"),
    role: roleArgument.describe("viewer, operator, approver or admin"),
    clusters: clustersSchema.describe("for these clusters only: cluster-1,cluster-2"),
  }),
  positional: ["who", "role"],
  examples: ["role revoke @U012AB3CD operator", "role revoke @U012AB3CD operator clusters=cluster-1"],
  act: revokeRole,
});
