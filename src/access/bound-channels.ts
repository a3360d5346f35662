import type { AccessFacts } from "../core/access-facts.ts";
import { type OperatorError, operatorError, type Reason, reason } from "../core/refusal.ts";
import type { BoundChannel, Needed } from "../core/role.ts";

/**
 * Why these clusters can't be changed in this channel: one of them is bound to another one. null: they can. `channelId`:
 * undefined at a terminal. Then no channel shows its changes.
 */
export async function whyNotInChannel(
  clusters: Needed["clusters"],
  channelId: string | undefined,
  { channels, nameOf, learnNames }: Pick<AccessFacts, "channels" | "nameOf" | "learnNames">,
): Promise<OperatorError | null> {
  if (typeof clusters === "string") return null;
  const elsewhere = channels().filter(({ cluster, channel }) => clusters.includes(cluster) && channel !== channelId);
  if (elsewhere.length === 0) return null;
  await learnNames(elsewhere.map(({ channel }) => channel));
  const [first, ...others] = elsewhere.map((bound) => reasonOf(bound, nameOf));
  if (first === undefined) return null;
  const names = elsewhere.map(({ cluster }) => cluster).join(", ");
  return operatorError(`${names} can't be changed here`, [first, ...others]);
}

const reasonOf = ({ cluster, channel }: BoundChannel, nameOf: (id: string) => string | null): Reason => {
  const name = channelName(channel, nameOf);
  return reason("CLUSTER_ELSEWHERE", `${cluster} is changed only in ${name}`, `send the command in ${name}`);
};

/** `#storage`, or the id if the name is not known. */
export const channelName = (channel: string, nameOf: (id: string) => string | null): string =>
  nameOf(channel) ?? `#${channel}`;
