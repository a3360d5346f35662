import { grantRole } from "../../src/access/role-acts.ts";
import { grantArguments } from "../../src/access/role-arguments.ts";
import { defineAction } from "../../src/core/command.ts";

export const roleGrant = defineAction({
  name: "role grant",
  summary: "give a role to a person or a user group, for all or for some clusters",
  needs: "admin",
  args: grantArguments,
  positional: ["who", "role"],
  examples: ["role grant @U012AB3CD operator", "role grant @S012AB3CD operator clusters=cluster-1,cluster-2"],
  act: grantRole,
});
