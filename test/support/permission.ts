import type { AccessNotes } from "../../src/core/access-facts.ts";
import type { OperatorError } from "../../src/core/refusal.ts";
import type { Permission } from "../../src/flow/ports.ts";

/** Everybody may read. `whyNot`: why a person may not change anything. */
export const permissionOf = (whyNot: (person: string) => OperatorError | null): Permission => ({
  whyNot: async (person, { role }) => (role === "viewer" ? null : whyNot(person)),
  known: (person, { role }) => (role === "viewer" ? null : whyNot(person)),
  peopleWith: async () => ({ people: [], isComplete: true }),
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
  nameOf: () => null,
  learnNames: async () => undefined,
  channelsServed: [],
  changeGrants: async (change) => change([])[1],
  changeChannels: async (change) => change([])[1],
  changeRequests: async (change) => change([])[1],
};
