import { holdingsOf } from "../../src/access/holdings.ts";
import { People, type PeopleSource } from "../../src/access/people.ts";
import { Permission } from "../../src/access/permission.ts";
import type { AccessNotes } from "../../src/core/access-facts.ts";
import type { Facts } from "../../src/core/facts.ts";
import type { Freezes } from "../../src/core/freeze.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { SetRule } from "../../src/core/policy.ts";
import type { BoundChannel, Grant, Standing } from "../../src/core/role.ts";
import type { Acting } from "../../src/core/watch-facts.ts";
import { openRolesStore } from "../../src/store/roles-store.ts";
import { newDirectory } from "../store/samples.ts";
import { defaultPolicies } from "../support/permission.ts";

export const at = "2026-11-30T10:00:00.000Z";

interface Given {
  readonly admins?: readonly string[];
  readonly operators?: readonly string[];
  readonly grants?: readonly Grant[];
  readonly channels?: readonly BoundChannel[];
  /** By user group. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly clusters?: readonly string[];
  readonly rules?: readonly SetRule[];
  readonly frozen?: Freezes;
  /** Whether a terminal is admin, as it is with ADMINS. */
  readonly terminal?: "admin" | "viewer";
}

/** Roles in a real file, decided as in the bot, with a Slack that can be silent. */
export async function rolesWorld(given: Given = {}) {
  const { admins = ["U0ALICE01"], operators = [], grants = [], channels = [], groups = {} } = given;
  const { clusters = ["c1", "c2", "c3"], rules: set = [], terminal = "admin" } = given;
  const { frozen = { freezes: [], schedules: [] } } = given;
  const directory = await newDirectory();
  const store = await openRolesStore(directory, grants);
  if (channels.length > 0) await store.changeChannels(() => [channels, null]);
  const slack = { answers: true, standings: {} as Record<string, Standing> };
  const answer = <T>(value: T): T => {
    if (!slack.answers) throw new Error("ratelimited");
    return value;
  };
  const source: PeopleSource = {
    standingOf: async (user) => answer(slack.standings[user] ?? "member"),
    membersOf: async (group) => answer({ exists: group in groups, members: new Set(groups[group]) }),
    nameOf: (id) => (id === "S0ONCALL" ? "@oncall" : null),
    learnNames: async () => undefined,
  };
  const now = { ms: Date.parse(at) };
  const holdings = () => holdingsOf({ admins, operators, grants: store.grants() });
  const noAdmin = { code: "NO_ADMINS", headline: "Nobody", reasons: [], fixes: [], next: [] } as const;
  const rules = { holdings, terminal: terminal === "admin" ? "admin" : noAdmin } as const;
  const permission = new Permission(rules, new People(source, () => now.ms));
  const access: AccessNotes = {
    ...store,
    holdings,
    because: (person, needed) => permission.because(person, needed),
    whoIs: (id) => permission.whoIs(id),
    membershipOf: async () => "member",
    nameOf: source.nameOf,
    learnNames: source.learnNames,
    channelsServed: [],
  };
  const zoneUuid = "0".repeat(32);
  const inventory = {
    ...emptyInventory,
    zones: [{ uuid: zoneUuid, name: "ZONE-1" }],
    clusters: clusters.map((name, index) => ({ uuid: index.toString(16).padStart(32, "0"), name, zoneUuid })),
  };
  const policies = { ...defaultPolicies, set: () => set };
  const known = {
    ...{ access, inventory, policies, uuid: () => "f".repeat(32), by: "U0ALICE01", now: () => now.ms, askedAt: at },
    freezes: () => ({ ...frozen, damaged: null }),
  };
  const facts = known as Partial<Facts> as Facts;
  const acting = (by = "U0ALICE01"): Acting =>
    ({ access, by, replaces: () => undefined, oncePosted: () => undefined }) as Partial<Acting> as Acting;
  /** What the next start reads. It rejects if that can't be read. */
  const afterRestart = async () => {
    await store.close();
    const again = await openRolesStore(directory, []);
    await again.close();
    return { grants: again.grants(), requests: again.requests() };
  };
  return { slack, now, store, facts, acting, afterRestart };
}
