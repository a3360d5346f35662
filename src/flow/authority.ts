import { whyNotInChannel } from "../access/bound-channels.ts";
import { neededByPlan, neededByWords } from "../access/touched-clusters.ts";
import { type Command, roleNeeded } from "../core/command.ts";
import type { Operation } from "../core/operation.ts";
import type { Plan } from "../core/plan.ts";
import type { OperatorError } from "../core/refusal.ts";
import type { Needed } from "../core/role.ts";
import type { Conversation, World } from "./ports.ts";

/** A person and a command with its arguments. */
interface Attempt {
  readonly command: Command;
  readonly args: Readonly<Record<string, unknown>>;
  readonly by: string;
}
type Here = Pick<Conversation, "mayNotChangeHere" | "channelId">;
type Knowing = Pick<World, "permission" | "access" | "inventory" | "watch" | "operations" | "reviews">;
/** `fresh`: Slack is asked again who is in a user group. */
interface Asking {
  readonly fresh?: boolean;
}

/** Why this person may not run this command here, as far as its words say; null: they may. */
export async function whyNotAsk(
  attempt: Attempt,
  here: Here,
  world: Knowing,
  asking: Asking = {},
): Promise<OperatorError | null> {
  const { command, args, by } = attempt;
  const clusters =
    decidedClusters(attempt, world) ??
    neededByWords(command, args, world.inventory.current(), await clustersById(attempt, world));
  if (command.kind !== "query" && here.mayNotChangeHere !== null) return here.mayNotChangeHere;
  const forbidden = await world.permission.whyNot(by, { role: roleNeeded(command), clusters }, asking);
  if (forbidden !== null || command.kind !== "change") return forbidden;
  return whyNotInChannel(clusters, here.channelId, world.access);
}

/** Why this person may not run this plan here; null: they may. The plan names every host that it changes. */
export async function whyNotPlan(
  plan: Plan,
  { command, args, by }: Attempt,
  here: Here,
  world: Knowing,
  asking: Asking = {},
): Promise<OperatorError | null> {
  const clusters = neededByPlan(plan, command, args, world.inventory.current());
  return (
    here.mayNotChangeHere ??
    (await world.permission.whyNot(by, { role: roleNeeded(command), clusters }, asking)) ??
    (await whyNotInChannel(clusters, here.channelId, world.access))
  );
}

/** A change, before its clusters are known. */
export const anyChange: Needed = { role: "operator", clusters: "any" };
/** A query, before its clusters are known. */
export const anyQuery: Needed = { role: "viewer", clusters: "any" };

/** What `operation stop` needs. */
export const stopOf = ({ clusters }: Pick<Operation, "clusters">): Needed => ({
  role: "operator",
  clusters: clusters.length > 0 ? clusters : "all",
});

/** What `review close` needs. null: the review's operation is not kept, or there is none. */
export const closerOf = (operation: Pick<Operation, "clusters"> | null): Needed => ({
  role: "admin",
  clusters: operation !== null && operation.clusters.length > 0 ? operation.clusters : "all",
});

/**
 * A decision about a plan needs its role where the plan needs the second person, one about a review where its operation
 * changes something. null: it is no such decision. An unknown id is refused where it is decided.
 */
export function decidedClusters(
  { command, args }: Omit<Attempt, "by">,
  { operations, reviews }: Pick<Knowing, "operations" | "reviews">,
): Needed["clusters"] | null {
  if (command.kind !== "action") return null;
  if (typeof args.operation === "string") return operations.get(args.operation)?.second?.clusters ?? "any";
  if (typeof args.review !== "string") return null;
  const review = reviews.all().find(({ id }) => id === args.review);
  if (review === undefined) return "any";
  return closerOf(review.operationId === null ? null : operations.get(review.operationId)).clusters;
}

/** The words name an incident or an operation by its id. Returns the names of its clusters. */
async function clustersById({ command, args }: Attempt, world: Knowing): Promise<readonly string[]> {
  if (typeof args.id !== "string") return [];
  if (command.name.startsWith("operation ")) return world.operations.get(args.id)?.clusters ?? [];
  if (!command.name.startsWith("incident ")) return [];
  const incident = await world
    .watch()
    ?.incident(args.id)
    .catch(() => null);
  const { clusters } = world.inventory.current();
  return clusters.filter(({ uuid }) => uuid === incident?.clusterUuid).map(({ name }) => name);
}
