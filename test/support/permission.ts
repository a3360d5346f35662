import type { AccessNotes } from "../../src/core/access-facts.ts";
import type { ApprovalActs } from "../../src/core/approval-acts.ts";
import type { PolicyNotes } from "../../src/core/policy.ts";
import { type OperatorError, Refusal, reason } from "../../src/core/refusal.ts";
import type { Needed } from "../../src/core/role.ts";
import type { Permission } from "../../src/flow/ports.ts";

/** Everybody may read. `whyNot`: why a person may not change anything. */
export const permissionOf = (whyNot: (person: string, needed: Needed) => OperatorError | null): Permission => ({
  whyNot: async (person, needed) => (needed.role === "viewer" ? null : whyNot(person, needed)),
  known: (person, needed) => (needed.role === "viewer" ? null : whyNot(person, needed)),
  peopleWith: async () => ({ people: [], isComplete: true }),
  mayAnother: async () => false,
  holders: () => [],
});

export const everybodyMay: Permission = permissionOf(() => null);

/** Nobody was given a role, and no cluster has a channel of its own. */
export const noAccess: AccessNotes = {
  grants: () => [],
  channels: () => [],
  requests: () => [],
  holdings: () => [],
  because: async () => null,
  whoIs: async () => ({ kind: "user", standing: "member" }),
  membershipOf: async () => "member",
  nameOf: () => null,
  learnNames: async () => undefined,
  channelsServed: [],
  changeGrants: async (change) => change([])[1],
  changeChannels: async (change) => change([])[1],
  changeRequests: async (change) => change([])[1],
};

/** The defaults of a real workspace: nobody set a rule. */
export const defaultPolicies: PolicyNotes = {
  set: () => [],
  configured: [],
  isLocal: false,
  damage: () => null,
  changeSet: async (change) => change([])[1],
};

/** No plan waits for a second person. */
export const noApprovals: ApprovalActs = {
  approve: async (id) => {
    throw noPlan(id);
  },
  reject: async (id) => {
    throw noPlan(id);
  },
  breakGlass: async (id) => {
    throw noPlan(id);
  },
  closeReview: async (id) => {
    throw noPlan(id);
  },
};
const noPlan = (id: string): Refusal => new Refusal(`${id} is not decided`, reason("NOT_FOUND", "it is no plan"));
