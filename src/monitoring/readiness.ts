import { inOrder } from "../core/in-order.ts";
import type { Measured } from "./measured.ts";

/** A host is observed lately if it missed at most this many turns. */
const TURNS = 3;
/** An observation takes at most so long. */
const OBSERVATION_MS = 30_000;
/** More hosts are counted. */
const MOST_NAMED = 5;

/** How old the last observation of a host may be, in milliseconds. */
export const lateAfterMs = (everyMs: number): number => TURNS * everyMs + OBSERVATION_MS;

/**
 * Why the bot is not ready; empty: it is. A host that does not answer is known to be down, if it was asked lately. So it
 * is no reason.
 */
export function notReady({ slack, logProblem, watch, inventory, nowMs }: Measured): string[] {
  const reasons: string[] = [];
  if (!slack.some(({ isOpen }) => isOpen)) reasons.push("Slack: no connection is open");
  if (logProblem !== null) reasons.push(`audit log: ${logProblem}`);
  if (watch === null) return reasons;
  const limitMs = lateAfterMs(watch.everyMs);
  const atOf = new Map(watch.hosts.map(({ hostUuid, observed }) => [hostUuid, observed?.atMs ?? null]));
  const late = inventory.hosts.filter(({ uuid }) => nowMs - (atOf.get(uuid) ?? Number.NEGATIVE_INFINITY) > limitMs);
  const named = inOrder(late, ({ name }) => name);
  for (const { uuid, name } of named.slice(0, MOST_NAMED)) {
    const atMs = atOf.get(uuid) ?? null;
    const last = atMs === null ? "not observed yet" : `observed ${Math.round((nowMs - atMs) / 1000)} s ago`;
    reasons.push(`host ${name}: ${last}, limit ${limitMs / 1000} s`);
  }
  if (named.length > MOST_NAMED) reasons.push(`${named.length - MOST_NAMED} more hosts: not observed lately`);
  return [...reasons, ...notReadIn(watch.hosts, inventory)];
}

/** A host that can't be read is watched no more than one that is not observed. */
function notReadIn(hosts: NonNullable<Measured["watch"]>["hosts"], inventory: Measured["inventory"]): string[] {
  const nameOf = new Map(inventory.hosts.map(({ uuid, name }) => [uuid, name]));
  const unread = hosts.flatMap(({ hostUuid, observed }) => {
    const reads =
      observed !== null && "notRead" in observed
        ? observed.notRead.filter(({ isAgain, isInPart }) => isAgain && !isInPart)
        : [];
    const name = nameOf.get(hostUuid);
    return name === undefined || reads.length === 0
      ? []
      : [`host ${name}: ${reads.map(({ read, reason }) => `${read} can't be read: ${reason}`).join("; ")}`];
  });
  const more = unread.length - MOST_NAMED;
  return more > 0 ? [...unread.slice(0, MOST_NAMED), `${more} more hosts: answers can't be read`] : unread;
}
