import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import { type Command, roleNeeded } from "../../src/core/command.ts";
import { type Role, roles } from "../../src/core/role.ts";
import {
  type Case,
  concernsCluster,
  permissionsDocument,
  places,
  refusalIn,
  scopes,
} from "../../src/permission-table.ts";

/** Written from the issue, not from the code: what each cell must be. */
function expected({ command, role, scope, place }: Case): string | null {
  if (command.kind === "query") return null;
  if (place === "a direct message") return "DIRECT_MESSAGE";
  const isOfCluster = concernsCluster(command);
  const has: Readonly<Record<Role, readonly Role[]>> = {
    viewer: [],
    operator: ["operator"],
    approver: ["approver"],
    admin: ["operator", "approver", "admin"],
  };
  const needs = roleNeeded(command);
  if (needs === "viewer") return null;
  const isEnough = has[role].includes(needs);
  const isThere = scope === "all clusters" || (scope === "cluster-1" && isOfCluster);
  if (!isEnough || !isThere) return "ROLE_MISSING";
  const isBoundElsewhere = command.kind === "change" && isOfCluster && place === "another channel than that";
  return isBoundElsewhere ? "CLUSTER_ELSEWHERE" : null;
}

const casesOf = (command: Command): Case[] =>
  roles.flatMap((role) => scopes.flatMap((scope) => places.map((place) => ({ command, role, scope, place }))));

describe("the permission table: role × command × cluster × channel", () => {
  it.each(commands.map((command) => [command.name, command] as const))("%s", async (_, command) => {
    const found = await Promise.all(
      casesOf(command).map(async (each) => ({ ...each, command: command.name, is: await refusalIn(each) })),
    );
    expect(found).toHaveLength(roles.length * scopes.length * places.length);
    expect(found).toEqual(casesOf(command).map((each) => ({ ...each, command: command.name, is: expected(each) })));
  });

  it("has commands of each kind, and only admins say who may do what", () => {
    const ofAdmins = commands.filter((command) => roleNeeded(command) === "admin").map(({ name }) => name);
    expect(ofAdmins).toEqual(expect.arrayContaining(["role grant", "role revoke", "channel bind", "channel unbind"]));
    expect(commands.filter(({ kind }) => kind === "change").map((each) => roleNeeded(each))).not.toContain("viewer");
    expect(commands.filter((each) => each.kind === "change" && !concernsCluster(each)).map(({ name }) => name)).toEqual(
      ["cluster add", "zone add", "zone remove"],
    );
  });

  it("is in docs/permissions.md as the bot decides now", async () => {
    const path = join(import.meta.dirname, "../../docs/permissions.md");
    expect(readFileSync(path, "utf8"), "npm run permissions writes it").toBe(await permissionsDocument(commands));
  });
});
