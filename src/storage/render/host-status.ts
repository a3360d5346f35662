import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import type { PrimaryStorage } from "../../core/inventory.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { rangesOf, type SharedFact, sharedFacts } from "../../core/shared-facts.ts";
import { lastOfHosts } from "../observe/last-observation.ts";
import { ageText } from "../observe/status.ts";

interface HostStatus {
  readonly host: string;
  readonly status: string;
  /** The age of the observation. Null if it is new. */
  readonly seen: string | null;
  readonly hostId: number | null;
}

/** The hosts with their status: those that agree are one line, and of many most are counted. */
export function hostStatusParts(caption: string, statuses: readonly HostStatus[]): Part[] {
  const facts = sharedFacts(
    statuses,
    ({ host }) => host,
    ({ status, seen }) => [status, ...(seen === null ? [] : [`seen ${seen}`])].join(" · "),
  );
  const lines = facts.map((each): Inline[] => [{ bold: each.hosts }, ` ${each.fact} · ${idsText(each)}`]);
  return lines.length === 0 ? [] : [linesPart(caption, lines)];
}

/** The host ids in the order of the hosts: `sanlock host ids 1–3`. */
function idsText({ items }: SharedFact<HostStatus>): string {
  const ids = items.flatMap(({ hostId }) => hostId ?? []);
  const without = items.length - ids.length;
  if (ids.length === 0) return items.length === 1 ? "sanlock host id none" : "no sanlock host ids";
  const known = `sanlock host ${ids.length === 1 ? "id" : "ids"} ${rangesOf(ids)}`;
  return without === 0 ? known : `${known}, ${counted(without, "host")} without one`;
}

/** The hosts' statuses with the age of their observations. */
export const lastObservationParts = (storage: PrimaryStorage, facts: Facts): Part[] =>
  hostStatusParts(
    "Status, as last observed",
    lastOfHosts(storage, facts).map(({ host, observation, hostId }) => ({
      host,
      status: observation?.status ?? "not observed yet",
      seen: observation === null ? "never" : ageText(observation.at, facts.now()),
      hostId,
    })),
  );
