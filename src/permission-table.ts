import { holdingsOf } from "./access/holdings.ts";
import { People } from "./access/people.ts";
import { Permission } from "./access/permission.ts";
import { type Command, roleNeeded } from "./core/command.ts";
import type { Inventory } from "./core/inventory.ts";
import { plan } from "./core/plan.ts";
import { operatorError, reason } from "./core/refusal.ts";
import { type BoundChannel, type Role, roles } from "./core/role.ts";
import type { Step } from "./core/step.ts";
import { whyNotAsk, whyNotPlan } from "./flow/authority.ts";
import type { World } from "./flow/ports.ts";

/** For which clusters the person has the role. The command concerns cluster-1. */
export const scopes = ["all clusters", "cluster-1", "another cluster"] as const;
/** Where the command is sent. */
export const places = [
  "a channel, cluster-1 bound to none",
  "the channel that cluster-1 is bound to",
  "another channel than that",
  "a direct message",
] as const;
export interface Case {
  readonly command: Command;
  readonly role: Role;
  readonly scope: (typeof scopes)[number];
  readonly place: (typeof places)[number];
}

const at = "2026-11-30T00:00:00.000Z";
const [PERSON, HERE] = ["U0PERSON1", "C0HERE"] as const;
const uuid = (digit: string): string => digit.repeat(32);
const inventory: Inventory = {
  zones: [{ uuid: uuid("1"), name: "zone-1" }],
  clusters: ["cluster-1", "another"].map((name, index) => ({ uuid: uuid(`${index + 2}`), name, zoneUuid: uuid("1") })),
  hosts: [
    {
      ...{ uuid: uuid("4"), name: "host-1", clusterUuid: uuid("2"), address: "10.0.0.1", port: 22, user: "root" },
      ...{ hostKeySha256: "SHA256:x", sanlockHostId: null },
    },
  ],
  primaryStorages: [
    {
      ...{ uuid: uuid("5"), name: "ps-1", description: "", zoneUuid: uuid("1"), state: "Enabled" },
      ...{ clusterUuids: [uuid("2")], sharedBlocks: [] },
    },
  ],
  lastSanlockHostId: 0,
};
const inPrivate = operatorError("Nothing can be changed from here", reason("DIRECT_MESSAGE", "a direct message"));

/** The code of the refusal; null: the person may. It is what the bot itself decides, with its own functions. */
export async function refusalIn({ command, role, scope, place }: Case): Promise<string | null> {
  const clusters = scope === "all clusters" ? ("all" as const) : [scope === "cluster-1" ? "cluster-1" : "another"];
  const holdings = holdingsOf({
    ...{ admins: ["U0ADMIN01"], operators: [] },
    grants: [{ who: PERSON, role, clusters, by: "U0ADMIN01", at }],
  });
  const people = new People(everybodyIsMember, () => 0);
  const permission = new Permission({ holdings: () => holdings, terminal: "admin" }, people);
  const bound: readonly BoundChannel[] =
    place === "a channel, cluster-1 bound to none" || place === "a direct message"
      ? []
      : [{ cluster: "cluster-1", channel: place.startsWith("the") ? HERE : "C0OTHER", by: "U0ADMIN01", at }];
  const here = { channelId: HERE, mayNotChangeHere: place === "a direct message" ? inPrivate : null };
  const world = {
    permission,
    access: { channels: () => bound, nameOf: () => null, learnNames: async () => undefined },
    inventory: { current: () => inventory },
    operations: { get: () => ({ clusters: ["cluster-1"], second: { clusters: ["cluster-1"] } }) },
    reviews: { all: () => [{ id: "rev-1", operationId: "op-1" }] },
    watch: () => ({ incident: async () => ({ clusterUuid: uuid("2") }) }),
  } as unknown as Pick<World, "permission" | "access" | "inventory" | "watch" | "operations" | "reviews">;
  const attempt = { command, args: argumentsFor(command), by: PERSON };
  const asked = await whyNotAsk(attempt, here, world);
  if (asked !== null || command.kind !== "change") return asked?.code ?? null;
  const step = { host: inventory.hosts[0] } as unknown as Step;
  const steps = command.positional.includes("wwid") ? [step] : [];
  const stages = [{ kind: "hosts" as const, title: "", steps }];
  const made = plan({ title: "", verb: "Run", undo: { none: "" }, stages, locks: [] });
  return (await whyNotPlan(made, attempt, here, world))?.code ?? null;
}

const everybodyIsMember = {
  standingOf: async () => "member" as const,
  membersOf: async () => ({ exists: false, members: new Set<string>() }),
  nameOf: () => null,
  learnNames: async () => undefined,
};

/** Whether the command concerns a cluster at all: a zone, for example, is in none. */
export const concernsCluster = (command: Command): boolean =>
  Object.keys(argumentsFor(command)).length > 0 || command.positional.includes("wwid");

/** Arguments that name objects of cluster-1. */
function argumentsFor(command: Command): Readonly<Record<string, unknown>> {
  const { name, args } = command;
  const [group = "", verb = ""] = name.split(" ");
  const subject = { cluster: "cluster-1", host: "host-1", sharedblock: "ps-1", multipath: "host-1" }[group];
  const all: Readonly<Record<string, unknown>> = {
    ...{ cluster: "cluster-1", zoneOrCluster: "cluster-1", hostOrCluster: "host-1", host: "host-1" },
    ...{ clusters: ["cluster-1"], clusterOrAll: "cluster-1", storage: "ps-1" },
    ...(subject !== undefined && verb !== "add" && verb !== "import" && { name: subject }),
    ...(command.kind === "action" && { operation: "op-1", review: "rev-1" }),
    ...(group === "incident" && { id: "inc-1" }),
    ...(group === "operation" && { id: "op-1" }),
  };
  return Object.fromEntries(Object.keys(args.shape).flatMap((key) => (key in all ? [[key, all[key]]] : [])));
}

/** docs/permissions.md. Commands for which everything is decided alike share a table. */
export async function permissionsDocument(commands: readonly Command[]): Promise<string> {
  const tables = new Map<string, Command[]>();
  for (const command of commands) {
    const table = await tableOf(command);
    tables.set(table, [...(tables.get(table) ?? []), command]);
  }
  const sections = [...tables].map(([table, alike]) => {
    const needs = [...new Set(alike.map((command) => roleNeeded(command)))].join(", ");
    return `## ${titleOf(alike)}\nNeeded role: ${needs}.\n\n${listOf(alike)}\n\n${table}\n`;
  });
  return `${HEAD}\n${sections.join("\n")}`;
}

const HEAD = `# Who may do what
Written by \`npm run permissions\` with the functions that decide in the bot. A test checks each cell.
The tables are about a full member of the workspace who was given one role. Its object is in cluster-1.
What is *yes* here may still be refused for other reasons: the state of the hosts, a plan that changed, a freeze.

- Without a grant every full member is viewer.
- Guests, bots, deactivated people and people of other workspaces have no role unless they are named themselves.
- A change of several clusters needs the role on each of them. It is sent in the channel that they are bound to.
- A change that is in no cluster, such as a new zone, needs the role for all clusters.
- What a role can't prevent: [threat-model.md](threat-model.md).
- A review is closed by an admin of every cluster that its operation changes. Without a cluster it needs an admin of all.
- An operator ends only their own freeze with \`unfreeze\`. An admin ends every freeze.
`;

/** One line for each group: `- host: add, prepare` */
function listOf(commands: readonly Command[]): string {
  const groups = new Map<string, string[]>();
  for (const { name } of commands) {
    const [group = "", ...verb] = name.split(" ");
    groups.set(group, [...(groups.get(group) ?? []), ...(verb.length > 0 ? [verb.join(" ")] : [])]);
  }
  const line = ([group, verbs]: readonly [string, readonly string[]]) =>
    verbs.length === 0 ? `- ${group}` : `- ${group}: ${verbs.join(", ")}`;
  return [...groups].map(line).join("\n");
}

function titleOf([first, ...others]: readonly Command[]): string {
  if (first === undefined) throw new Error("no commands share this table");
  const kinds = new Set([first, ...others].map(({ kind }) => kind));
  const role = roleNeeded(first);
  const scope = concernsCluster(first) ? "of a cluster" : "of the whole data center";
  if (kinds.has("query")) return "Questions";
  if (kinds.has("change")) return `Changes ${scope}`;
  return role === "operator" ? `Actions ${scope}` : `Actions of the role ${role} ${scope}`;
}

async function tableOf(command: Command): Promise<string> {
  const rows = await Promise.all(
    roles.flatMap((role) =>
      scopes.map(async (scope) => {
        const cells = await Promise.all(places.map((place) => refusalIn({ command, role, scope, place })));
        return `| ${[role, scope, ...cells.map((code) => code ?? "yes")].join(" | ")} |`;
      }),
    ),
  );
  return [`| role | for | ${places.join(" | ")} |`, `|${" --- |".repeat(places.length + 2)}`, ...rows].join("\n");
}
