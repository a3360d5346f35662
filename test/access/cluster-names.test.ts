import { describe, expect, it } from "vitest";
import { freezeListReply } from "../../src/access/freeze-list.ts";
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
const freeze = (cluster: string | null, until: string | null = null) => ({ cluster, until, reason: "firmware", ...by });
const schedule = (cluster: string | null) => ({ cluster, window: "Fri 18:00-Mon 07:00", zone: "UTC", ...by });
const ended = "2026-11-30T09:59:00.000Z";
const frozen = {
  freezes: [freeze("c9"), freeze("c9", ended), freeze(null), freeze("c1", "2026-11-30T10:01:00.000Z")],
  schedules: [schedule("c9"), schedule(null)],
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

  it("is in the plan of cluster add with the freezes that are not over, and the schedules", async () => {
    const { facts, now } = await rolesWorld({ ...names, frozen });
    const add = async (name: string) => planLines(await planAddCluster({ name, zone: "ZONE-1" }, facts));
    const lines = await add("c9");
    expect(lines).toContain(
      "2 roles, a channel, 1 policy rule, 1 freeze and 1 freeze schedule name c9 already, and count for the new cluster. To list them: role list, channel list, policy show and freeze list.",
    );
    // A freeze that ended until the plan is made again changes no plan.
    now.ms += 3_600_000;
    expect(await add("c9")).toEqual(lines);
    // What freezes all clusters does not name it.
    expect((await planAddCluster({ name: "c8", zone: "ZONE-1" }, facts)).afterwards).toEqual([]);
  });

  it.each([
    [{ freezes: [freeze("c1")], schedules: [] }, "1 freeze names c1, and stays"],
    [{ freezes: [], schedules: [schedule("c1")] }, "1 freeze schedule names c1, and stays"],
    [{ freezes: [freeze("c1"), freeze("c1")], schedules: [] }, "2 freezes name c1, and stay"],
    [{ freezes: [freeze("c1", ended)], schedules: [] }, null],
  ])("is in the plan of cluster remove with what freezes it: %j", async (given, text) => {
    const { facts } = await rolesWorld({ frozen: given });
    const warning = planLines(await planRemoveCluster({ name: "c1" }, facts)).filter((line) =>
      line.includes("To list"),
    );
    const rest = " for a new cluster of this name. To list them: freeze list.";
    expect(warning).toEqual(text === null ? [] : [`${text}${rest}`]);
  });

  it("is listed and marked by freeze list if no cluster has it", async () => {
    const { facts } = await rolesWorld({ frozen });
    const { title, parts } = await freezeListReply({}, facts);
    expect(title).toBe("Frozen now: c9 (not in the inventory), all clusters, c1");
    const lines = plainLines(parts).filter((line) => line.includes("c9 "));
    expect(lines).toHaveLength(2);
    expect(lines.every((line) => line.includes("c9 (not in the inventory)"))).toBe(true);
  });
});
