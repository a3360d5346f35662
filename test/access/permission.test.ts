import { describe, expect, it } from "vitest";
import { holdingsOf } from "../../src/access/holdings.ts";
import { People, type PeopleSource } from "../../src/access/people.ts";
import { Permission } from "../../src/access/permission.ts";
import type { Grant, Needed, Standing } from "../../src/core/role.ts";

const needed: Needed = { role: "operator", clusters: ["cluster-1"] };
const at = "2026-11-30T10:00:00.000Z";
const granted = (who: string, role: Grant["role"], clusters: Grant["clusters"] = "all"): Grant => ({
  ...{ who, role, clusters, at },
  by: "U0ADMIN",
});

/** Slack, of which each answer is counted and can be missing. */
class Slack implements PeopleSource {
  groups: Record<string, readonly string[]> = {};
  standings: Record<string, Standing> = {};
  answers = true;
  silentUsers = false;
  asked: string[] = [];
  async standingOf(user: string): Promise<Standing> {
    this.#takes(user);
    if (this.silentUsers) throw new Error("ratelimited");
    return this.standings[user] ?? "member";
  }
  async membersOf(group: string) {
    this.#takes(group);
    return { exists: group in this.groups, members: new Set(this.groups[group] ?? []) };
  }
  nameOf = () => null;
  learnNames = async () => undefined;
  #takes(id: string): void {
    this.asked.push(id);
    if (!this.answers) throw new Error("ratelimited");
  }
}

function world(grants: Grant[], admins: readonly string[] = ["U0ADMIN"]) {
  const slack = new Slack();
  const now = { ms: 0 };
  const rules = { holdings: () => holdingsOf({ admins, operators: [], grants }), terminal: "admin" as const };
  return { slack, now, grants, permission: new Permission(rules, new People(slack, () => now.ms)) };
}
const codeOf = async (permission: Permission, person: string, fresh = false) =>
  (await permission.whyNot(person, needed, { fresh }))?.code ?? null;

describe("who may do what", () => {
  it("is not asked from Slack for a person who is named, so it works while Slack fails", async () => {
    const { slack, permission } = world([granted("U1", "operator", ["cluster-1"])]);
    slack.answers = false;
    expect(await codeOf(permission, "U1", true)).toBeNull();
    expect(await codeOf(permission, "U0ADMIN", true)).toBeNull();
    expect(slack.asked).toEqual([]);
  });

  it("is kept for 5 minutes for a user group, and asked again if it must be fresh", async () => {
    const { slack, now, permission } = world([granted("S1", "operator")]);
    slack.groups = { S1: ["U1"] };
    expect(await codeOf(permission, "U1")).toBeNull();
    slack.groups = { S1: [] };
    now.ms = 5 * 60_000 - 1;
    expect(await codeOf(permission, "U1")).toBeNull();
    now.ms += 2;
    expect(await codeOf(permission, "U1")).toBe("ROLE_MISSING");
    slack.groups = { S1: ["U1"] };
    expect(await codeOf(permission, "U1")).toBe("ROLE_MISSING");
    expect(await codeOf(permission, "U1", true)).toBeNull();
    expect(slack.asked.filter((id) => id === "S1")).toHaveLength(3);
  });

  it("is no without an answer, also if an earlier answer was yes and it must be fresh", async () => {
    const { slack, permission } = world([granted("S1", "operator")]);
    slack.groups = { S1: ["U1"] };
    expect(await codeOf(permission, "U1")).toBeNull();
    slack.answers = false;
    expect(await codeOf(permission, "U1", true)).toBe("ROLE_UNKNOWN");
    expect((await permission.whyNot("U1", needed, { fresh: true }))?.reasons[0]).toContain("ratelimited");
  });

  it("is asked again soon after a failure, and yes again", async () => {
    const { slack, now, permission } = world([granted("S1", "operator")]);
    slack.answers = false;
    expect(await codeOf(permission, "U1")).toBe("ROLE_UNKNOWN");
    slack.answers = true;
    slack.groups = { S1: ["U1"] };
    now.ms += 3_000;
    expect(await codeOf(permission, "U1")).toBeNull();
  });

  it("changes at once with a grant", async () => {
    const { grants, permission } = world([]);
    expect(await codeOf(permission, "U1")).toBe("ROLE_MISSING");
    grants.push(granted("U1", "operator"));
    expect(await codeOf(permission, "U1")).toBeNull();
    grants.pop();
    expect(await codeOf(permission, "U1")).toBe("ROLE_MISSING");
  });

  it.each(["guest", "deactivated", "bot", "foreign", "not there"] as const)(
    "is nothing for a %s who is only in a group, and what was granted to one who is named",
    async (standing) => {
      const { slack, grants, permission } = world([granted("S1", "admin")]);
      slack.groups = { S1: ["U1"] };
      slack.standings = { U1: standing };
      expect(await codeOf(permission, "U1")).toBe("ROLE_MISSING");
      expect((await permission.whyNot("U1", { role: "viewer", clusters: "all" }))?.code).toBe("ROLE_MISSING");
      grants.push(granted("U1", "operator"));
      expect(await codeOf(permission, "U1")).toBeNull();
    },
  );

  it("names in a refusal who has the role, and how to ask for it", async () => {
    const { permission } = world([granted("U2", "operator", ["cluster-1"]), granted("U3", "operator", ["cluster-2"])]);
    const why = await permission.whyNot("U1", needed);
    expect(why?.reasons.at(-1)).toBe("who has it: U0ADMIN (admin), U2");
    expect(why?.fixes).toEqual([{ run: "role ask operator clusters=cluster-1" }]);
  });

  it("is said for a form without Slack: no only if no group can help", async () => {
    const { slack, grants, permission } = world([]);
    expect(permission.known("U1", needed)?.code).toBe("ROLE_MISSING");
    grants.push(granted("S1", "operator", ["cluster-1"]));
    expect(permission.known("U1", needed)).toBeNull();
    expect(slack.asked).toEqual([]);
  });

  it("counts the people of groups who may use the role", async () => {
    const { slack, permission } = world([granted("S1", "approver"), granted("U2", "operator")]);
    slack.groups = { S1: ["U1", "U4"] };
    slack.standings = { U4: "guest" };
    const approver: Needed = { role: "approver", clusters: "all" };
    expect(await permission.peopleWith(approver)).toEqual({ people: ["U0ADMIN", "U1"], isComplete: true });
    slack.answers = false;
    const unknown = world([granted("S1", "approver")]);
    unknown.slack.answers = false;
    expect(await unknown.permission.peopleWith(approver)).toEqual({ people: ["U0ADMIN"], isComplete: false });
  });

  it("counts a person to whom several holdings together give the role", async () => {
    const both: Needed = { role: "approver", clusters: ["c1", "c2"] };
    const direct = world([granted("U2", "approver", ["c1"]), granted("U2", "admin", ["c2"])]);
    expect(await direct.permission.peopleWith(both)).toEqual({ people: ["U0ADMIN", "U2"], isComplete: true });
    expect(direct.permission.holders(both).map(({ who }) => who)).toEqual(["U0ADMIN", "U2", "U2"]);
    const groups = world([granted("S1", "approver", ["c1"]), granted("S2", "approver", ["c2"])], []);
    groups.slack.groups = { S1: ["U1", "U2"], S2: ["U2", "U3"] };
    expect(await groups.permission.peopleWith(both)).toEqual({ people: ["U2"], isComplete: true });
    expect(await groups.permission.mayAnother("U1", both, { fresh: false })).toBe(true);
    expect(await groups.permission.mayAnother("U2", both, { fresh: false })).toBe(false);
  });

  it("counts a member as another person who may if Slack does not say what the account is", async () => {
    const approver: Needed = { role: "approver", clusters: "all" };
    const { slack, permission } = world([granted("S1", "approver")], []);
    slack.groups = { S1: ["U1", "U2"] };
    slack.silentUsers = true;
    expect(await permission.peopleWith(approver)).toEqual({ people: [], isComplete: false });
    expect(await permission.mayAnother("U1", approver, { fresh: false })).toBe(true);
  });

  it("asks Slack again who is in a group, and of each member only until another one is found", async () => {
    const approver: Needed = { role: "approver", clusters: "all" };
    const { slack, permission } = world([granted("S1", "approver")], []);
    const members = Array.from({ length: 100 }, (_, index) => `U${index}`);
    slack.groups = { S1: ["U0"] };
    expect(await permission.mayAnother("U0", approver, { fresh: false })).toBe(false);
    slack.groups = { S1: members };
    expect(await permission.mayAnother("U0", approver, { fresh: false })).toBe(false);
    slack.asked = [];
    expect(await permission.mayAnother("U0", approver, { fresh: true })).toBe(true);
    expect(slack.asked.length).toBeLessThan(20);
  });

  it("is nothing at all while nobody was given a role", async () => {
    const { permission } = world([], []);
    expect(await codeOf(permission, "U1")).toBe("NO_ADMINS");
  });
});
