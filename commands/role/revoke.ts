import { revokeRole } from "../../src/access/role-acts.ts";
import { grantArguments } from "../../src/access/role-arguments.ts";
import { defineAction } from "../../src/core/command.ts";

export const roleRevoke = defineAction({
  name: "role revoke",
  summary: "take a granted role away, at once",
  needs: "admin",
  args: grantArguments,
  positional: ["who", "role"],
  examples: ["role revoke @U012AB3CD operator", "role revoke @U012AB3CD operator clusters=cluster-1"],
  act: revokeRole,
});
