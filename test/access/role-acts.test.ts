import { describe, expect, it } from "vitest";
import { askForRole, grantRole, revokeRole } from "../../src/access/role-acts.ts";
import { roleShowReply } from "../../src/access/role-replies.ts";
import { plainLines } from "../../src/core/reply.ts";
import type { Grant } from "../../src/core/role.ts";
import { at, rolesWorld } from "./roles-world.ts";

const alice = "U0ALICE01";
const bob = "U0BOB0001";
const granted = (who: string, role: Grant["role"], clusters: Grant["clusters"] = "all"): Grant => ({
  ...{ who, role, clusters, at },
  by: alice,
});

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

describe("grants of one role to one person", () => {
  const to = (...clusters: string[]) => ({ who: bob, role: "operator", clusters }) as const;
  const all = { who: bob, role: "operator", clusters: "all" } as const;
  const kept = (world: Awaited<ReturnType<typeof rolesWorld>>) =>
    world.store.grants().map(({ clusters, by, at: when }) => [clusters === "all" ? "all" : clusters.join(), by, when]);

  it("each keep who granted them and when, and only the clusters that no grant before has", async () => {
    const world = await rolesWorld();
    await grantRole(to("c2"), world.facts, world.acting(alice));
    world.now.ms += 60_000;
    await grantRole(to("c1", "c2"), world.facts, world.acting("U0CAROL01"));
    const first = ["c2", alice, at];
    const second = ["c1", "U0CAROL01", "2026-11-30T10:01:00.000Z"];
    expect(kept(world)).toEqual([first, second]);
    const again = await grantRole(to("c2", "c1"), world.facts, world.acting(alice));
    expect(again.title).toBe("operator of c2, c1 was granted before");
    expect(kept(world)).toEqual([first, second]);
  });

  it("are all replaced by one for all clusters", async () => {
    const world = await rolesWorld({ grants: [granted(bob, "operator", ["c1"]), granted(bob, "approver", ["c1"])] });
    await grantRole(all, world.facts, world.acting());
    expect(kept(world).map(([clusters]) => clusters)).toEqual(["c1", "all"]);
    expect(world.store.grants()[0]?.role).toBe("approver");
  });

  it("are revoked over all of them", async () => {
    const grants = [granted(bob, "operator", ["c1"]), granted(bob, "operator", ["c2", "c3"])];
    const world = await rolesWorld({ grants });
    await expect(revokeRole(to("c1", "c9"), world.facts, world.acting())).rejects.toMatchObject({
      error: { code: "NOTHING_TO_DO", reasons: ["it was not granted for c9"] },
    });
    await revokeRole(to("c1", "c2"), world.facts, world.acting());
    expect(kept(world).map(([clusters]) => clusters)).toEqual(["c3"]);
    const every = await rolesWorld({ grants });
    await revokeRole(all, every.facts, every.acting());
    expect(every.store.grants()).toEqual([]);
  });

  it("can be for more than 500 clusters together, and the next start reads them", async () => {
    const clusters = Array.from({ length: 501 }, (_, index) => `n${index}`);
    const world = await rolesWorld({ clusters });
    await grantRole(to(...clusters.slice(0, 500)), world.facts, world.acting());
    await grantRole(to(...clusters.slice(500)), world.facts, world.acting());
    expect((await world.afterRestart()).grants.map((each) => each.clusters.length)).toEqual([500, 1]);
  });

  it("to a group are one role in the title of role show", async () => {
    const grants = [granted("S0ONCALL", "operator", ["c1"]), granted("S0ONCALL", "operator", ["c2"])];
    const { facts } = await rolesWorld({ grants, groups: { S0ONCALL: [bob] } });
    expect((await roleShowReply({ who: "S0ONCALL" }, facts)).title).toBe("@oncall: operator");
  });

  it("answer together what was asked for both", async () => {
    const world = await rolesWorld();
    await askForRole({ role: "operator", clusters: ["c1", "c2"] }, world.facts, world.acting(bob));
    await grantRole(to("c1"), world.facts, world.acting());
    expect(world.store.requests()).toHaveLength(1);
    await grantRole(to("c2"), world.facts, world.acting());
    expect(world.store.requests()).toEqual([]);
  });
});

describe("role ask", () => {
  it("is one question in any order of its clusters", async () => {
    const world = await rolesWorld();
    await askForRole({ role: "operator", clusters: ["c2", "c1"] }, world.facts, world.acting(bob));
    const again = askForRole({ role: "operator", clusters: ["c1", "c2"] }, world.facts, world.acting(bob));
    await expect(again).rejects.toMatchObject({ error: { code: "NOTHING_TO_DO" } });
    expect(world.store.requests().map(({ clusters }) => clusters)).toEqual([["c1", "c2"]]);
  });

  it("has 3 open questions of one person at most, and an hour later more", async () => {
    const world = await rolesWorld({ clusters: ["c1", "c2", "c3", "c4", "c5"] });
    const asks = async (cluster: string, by = bob) => {
      let posts: (() => Promise<void>) | null = null;
      const acting = world.acting(by);
      const oncePosted: typeof acting.oncePosted = (then) => {
        posts = () => then({ place: "C0STORAGE", messageId: cluster });
      };
      await askForRole({ role: "operator", clusters: [cluster] }, world.facts, { ...acting, oncePosted });
      await (posts as (() => Promise<void>) | null)?.();
    };
    for (const cluster of ["c1", "c2", "c3"]) await asks(cluster);
    await expect(asks("c4")).rejects.toMatchObject({ error: { code: "BUSY" } });
    await asks("c4", "U0DAVE001");
    expect(world.store.requests()).toHaveLength(4);
    await grantRole({ who: bob, role: "operator", clusters: ["c1"] }, world.facts, world.acting());
    await asks("c4");
    await expect(asks("c5")).rejects.toMatchObject({ error: { code: "BUSY" } });
    world.now.ms += 60 * 60_000;
    await asks("c5");
  });
});

describe("role revoke", () => {
  const revoked = { who: bob, role: "operator", clusters: "all" } as const;
  const grants = [granted(bob, "operator"), granted("S0ONCALL", "operator", ["c1"])];
  const groups = { S0ONCALL: [bob] };
  const revokes = async (
    world: Awaited<ReturnType<typeof rolesWorld>>,
    given: Parameters<typeof revokeRole>[0] = revoked,
  ) => {
    const reply = await revokeRole(given, world.facts, world.acting());
    return { tone: reply.tone, text: plainLines(reply.parts).join("\n") };
  };

  it("says that the role is gone if nothing else gives it", async () => {
    const { tone, text } = await revokes(await rolesWorld({ grants: [granted(bob, "operator")] }));
    expect(tone).toBe("good");
    expect(text).toContain(" is no longer operator of all clusters, revoked by ");
  });

  it.each([
    [
      "by a group, on one cluster",
      { grants, groups },
      "They still are operator: in the group @oncall: operator of c1,",
    ],
    ["by OPERATORS", { grants, operators: [bob] }, "They still are operator: operator, set in OPERATORS."],
    ["as admin", { grants, admins: [alice, bob] }, "They still are operator: admin, set in ADMINS."],
  ])("warns if the person still has the role %s", async (_, given, still) => {
    const world = await rolesWorld(given);
    const { tone, text } = await revokes(world);
    expect(tone).toBe("warning");
    expect(text).toContain(still);
    expect(text).not.toContain("no longer");
    expect(world.store.grants().some(({ who }) => who === bob)).toBe(false);
  });

  it("of some clusters warns of the one that a group gives", async () => {
    const { tone, text } = await revokes(
      await rolesWorld({
        grants: [granted(bob, "operator", ["c1", "c2", "c3"]), granted("S0ONCALL", "operator", ["c2"])],
        groups,
      }),
      { ...revoked, clusters: ["c1", "c2"] },
    );
    expect(tone).toBe("warning");
    expect(text).toContain("in the group @oncall: operator of c2");
    expect(text).not.toContain("c3");
  });

  it("does not count a group for a guest", async () => {
    const world = await rolesWorld({ grants, groups });
    world.slack.standings[bob] = "guest";
    expect((await revokes(world)).tone).toBe("good");
  });

  it("says that groups were not checked if Slack does not answer, and revokes all the same", async () => {
    const world = await rolesWorld({ grants, groups });
    world.slack.answers = false;
    const { tone, text } = await revokes(world);
    expect(tone).toBe("warning");
    expect(text).toContain("Groups were not checked, because Slack did not answer: ratelimited.");
    expect(text).not.toContain("no longer");
    expect(world.store.grants().map(({ who }) => who)).toEqual(["S0ONCALL"]);
  });

  it("of a group that ADMINS has warns too, without a question to Slack", async () => {
    const world = await rolesWorld({ grants, admins: [alice, "S0ONCALL"] });
    world.slack.answers = false;
    const { text } = await revokes(world, { ...revoked, who: "S0ONCALL" });
    expect(text).toContain("They still are operator: admin, set in ADMINS.");
  });
});
