import { describe, expect, it } from "vitest";
import { roleListReply } from "../../src/access/role-replies.ts";
import { planAddCluster, planRemoveCluster } from "../../src/core/inventory-plan.ts";
import { planLines } from "../../src/core/plan.ts";
import { plainLines } from "../../src/core/reply.ts";
import { at, rolesWorld } from "./roles-world.ts";

const by = { by: "U0ALICE01", at };
const grants = [
  { who: "U0BOB0001", role: "operator", clusters: ["c1", "c9"], ...by },
  { who: "S0ONCALL", role: "approver", clusters: ["c9"], ...by },
  { who: "U0CAROL01", role: "approver", clusters: "all", ...by },
] as const;
const names = {
  grants: grants.map((each) => ({
    ...each,
    clusters: each.clusters === "all" ? ("all" as const) : [...each.clusters],
  })),
  channels: [{ cluster: "c9", channel: "C0STORAGE", ...by }],
  rules: [{ risk: "trust", cluster: "c9", confirm: "typed", approver: "never", ...by } as const],
};

describe("a cluster name that roles, a channel and rules name", () => {
  it("is marked by role list if no cluster has it", async () => {
    const world = await rolesWorld(names);
    const text = plainLines((await roleListReply({}, world.facts)).parts).join("\n");
    expect(text).toContain("clusters=c1, c9 (not in the inventory)");
    expect(text).not.toContain("c1 (not");
  });

  it("is in the plan and the end of cluster add, with the commands that list what names it", async () => {
    const { facts } = await rolesWorld(names);
    const plan = await planAddCluster({ name: "c9", zone: "ZONE-1" }, facts);
    expect(planLines(plan)).toContain(
      "2 roles, a channel and 1 policy rule name c9 already, and count for the new cluster. To list them: role list, channel list and policy show.",
    );
    // The end of a plan that ran at once shows what comes after no step.
    expect(plan.afterwards).toMatchObject([{ part: { tone: "warning" }, after: [] }]);
    expect((await planAddCluster({ name: "c8", zone: "ZONE-1" }, facts)).afterwards).toEqual([]);
  });

  it("is in the plan of cluster remove, because roles, channel and rules stay", async () => {
    const { facts } = await rolesWorld({ ...names, channels: [], rules: [] });
    expect(planLines(await planRemoveCluster({ name: "c1" }, facts))).toContain(
      "1 role names c1, and stays for a new cluster of this name. To list them: role list.",
    );
    expect((await planRemoveCluster({ name: "c2" }, facts)).afterwards).toEqual([]);
  });
});
