import { describe, expect, it } from "vitest";
import { askForRole, grantRole, revokeRole } from "../../src/access/role-acts.ts";
import { rolesWorld } from "./roles-world.ts";

describe("roles of a terminal", () => {
  const me = { who: "me", role: "operator", clusters: "all" } as const;

  it.each([
    ["grant", grantRole],
    ["revoke", revokeRole],
  ])("role %s me is refused there, and roles.json can be read at the next start", async (_, act) => {
    const world = await rolesWorld();
    const error = { code: "TERMINAL_REFUSED", fixes: ["name a person or a user group instead of me"] };
    await expect(act(me, world.facts, world.acting("terminal:root"))).rejects.toMatchObject({ error });
    expect(await world.afterRestart()).toEqual({ grants: [], requests: [] });
  });

  it("role ask is refused there, and the fix names ADMINS", async () => {
    const world = await rolesWorld({ admins: [], terminal: "viewer" });
    const asked = askForRole({ role: "operator", clusters: "all" }, world.facts, world.acting("terminal:root"));
    await expect(asked).rejects.toMatchObject({
      error: { code: "TERMINAL_REFUSED", fixes: [expect.stringContaining("set ADMINS"), expect.any(String)] },
    });
    expect(await world.afterRestart()).toEqual({ grants: [], requests: [] });
  });
});
