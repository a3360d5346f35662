import { z } from "zod";
import { askForRole } from "../../src/access/role-acts.ts";
import { clustersSchema, roleArgument } from "../../src/access/role-arguments.ts";
import { defineAction } from "../../src/core/command.ts";

export const roleAsk = defineAction({
  name: "role ask",
  summary: "ask the admins for a role; one of them can grant it with a click",
  needs: "viewer",
  args: z.strictObject({
    role: roleArgument.describe("viewer, operator, approver or admin"),
    clusters: clustersSchema.describe("for these clusters only: cluster-1,cluster-2"),
  }),
  positional: ["role"],
  examples: ["role ask operator clusters=cluster-1"],
  act: askForRole,
});
