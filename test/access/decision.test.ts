import { describe, expect, it } from "vitest";
import { decide, type Known } from "../../src/access/decision.ts";
import { type Holding, includesRole, type Needed, type Role, roles, rolesIncluded } from "../../src/core/role.ts";

const holding = (who: string, role: Role, clusters: Holding["clusters"] = "all"): Holding => ({
  ...{ who, role, clusters },
  source: { kind: "grant", by: "U0ALICE01", at: "2026-11-30T10:00:00.000Z" },
});
const operator = (...clusters: string[]): Needed => ({ role: "operator", clusters });
const known = (standing: Known["standing"], groups: Record<string, boolean> = {}): Known => ({
  standing,
  groups: new Map(Object.entries(groups)),
});
const nothing = known(undefined);

describe("roles", () => {
  it("viewer is in each of them, admin has all, and operator and approver are not in each other", () => {
    for (const role of roles) expect(rolesIncluded[role]).toContain("viewer");
    expect(rolesIncluded.admin).toEqual(roles);
    expect(includesRole("operator", "approver")).toBe(false);
    expect(includesRole("approver", "operator")).toBe(false);
    expect(includesRole("operator", "admin")).toBe(false);
  });
});

describe("the decision", () => {
  it("of a person who is named needs nobody to be asked", () => {
    const given = [holding("U1", "operator", ["cluster-1"])];
    expect(decide("U1", operator("cluster-1"), given, nothing)).toEqual({ kind: "allowed", because: given });
    expect(decide("U1", operator("cluster-2"), given, nothing)).toEqual({ kind: "refused" });
    expect(decide("U1", { role: "operator", clusters: "any" }, given, nothing).kind).toBe("allowed");
    expect(decide("U1", { role: "operator", clusters: "all" }, given, nothing).kind).toBe("refused");
  });

  it("of several clusters needs the role on each of them, by any holdings together", () => {
    const given = [holding("U1", "operator", ["cluster-1"]), holding("U1", "admin", ["cluster-2"])];
    expect(decide("U1", operator("cluster-1", "cluster-2"), given, nothing)).toEqual({
      kind: "allowed",
      because: given,
    });
    expect(decide("U1", operator("cluster-1", "cluster-3"), given, nothing).kind).toBe("refused");
  });

  it("without any cluster is no: the caller must say `all`", () => {
    expect(decide("U1", operator(), [holding("U1", "operator", ["cluster-1"])], nothing).kind).toBe("refused");
  });

  it("asks what the person is, and which groups have them, only if that can help", () => {
    const given = [holding("S1", "operator"), holding("S2", "viewer"), holding("S3", "operator", ["cluster-2"])];
    expect(decide("U1", operator("cluster-1"), given, nothing)).toEqual({
      ...{ kind: "asks", standing: true, groups: ["S1", "S3"] },
    });
    expect(decide("U1", { role: "admin", clusters: "all" }, given, nothing)).toEqual({ kind: "refused" });
    expect(decide("U1", operator("cluster-1"), [], nothing)).toEqual({ kind: "refused" });
  });

  it("counts a group only for a full member of the workspace who is in it", () => {
    const given = [holding("S1", "operator")];
    expect(decide("U1", operator("cluster-1"), given, known("member", { S1: true })).kind).toBe("allowed");
    expect(decide("U1", operator("cluster-1"), given, known("member", { S1: false })).kind).toBe("refused");
    for (const standing of ["guest", "deactivated", "bot", "foreign", "not there"] as const)
      expect(decide("U1", operator("cluster-1"), given, known(standing, { S1: true })).kind, standing).toBe("refused");
  });

  it("without an answer about the person or the group stays open: nobody takes it for a yes", () => {
    const given = [holding("S1", "operator")];
    expect(decide("U1", operator("cluster-1"), given, known("member")).kind).toBe("asks");
    expect(decide("U1", operator("cluster-1"), given, known(undefined, { S1: true })).kind).toBe("asks");
  });

  it("lets every full member read, and nobody else who is not named", () => {
    const read: Needed = { role: "viewer", clusters: ["cluster-1"] };
    expect(decide("U1", read, [], nothing).kind).toBe("asks");
    expect(decide("U1", read, [], known("member")).kind).toBe("allowed");
    expect(decide("U1", read, [], known("guest")).kind).toBe("refused");
    expect(decide("U1", read, [holding("U1", "viewer", ["cluster-1"])], known("guest")).kind).toBe("allowed");
  });
});
