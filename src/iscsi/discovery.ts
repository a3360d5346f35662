import type { Facts } from "../core/facts.ts";
import { type ReadCommand, whyUncertain } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { valueOr } from "../core/outcome.ts";
import { Refusal, reason } from "../core/refusal.ts";
import { few } from "../core/shared-facts.ts";
import { type DiscoveredTarget, discoverTargets, type Portal, portalText } from "../host/iscsi-node.ts";
import { problemOf } from "../host/problem.ts";

/**
 * Throws a Refusal for a login without a target. It lists the targets that the portals report, because a person must
 * choose one.
 */
export async function whichTarget(
  place: string,
  portals: readonly Portal[],
  hosts: readonly Host[],
  facts: Facts,
): Promise<Refusal> {
  const reported = (await Promise.all(hosts.map((host) => askedBy(host, portals, facts)))).flat();
  const targets = [...new Set(reported.flatMap(({ found }) => found.map(({ target }) => target)))].sort();
  const lines = targets.map((target) => {
    const reporting = reported.filter(({ found }) => found.some((each) => each.target === target));
    const at = new Set(reporting.flatMap(({ found }) => found.filter((each) => each.target === target).map(placeOf)));
    const hostNames = few([...new Set(reporting.map(({ host }) => host.name))]);
    return reason("WRONG_ARGUMENTS", `${target} at ${few([...at])}, reported by ${hostNames}`);
  });
  const unanswered = reported.flatMap(({ host, portal, problem }) =>
    problem === null ? [] : [reason("HOST_UNREADABLE", `${host.name} could not ask ${portalText(portal)}: ${problem}`)],
  );
  const found =
    lines.length === 0
      ? reason("NOT_FOUND", "the portals report no target", "type target=, or check the target on the array")
      : reason("WRONG_ARGUMENTS", "target= is missing; the portals report these targets:");
  const at = portals.map(portalText).join(",");
  const fixes = targets.slice(0, 5).map((target) => ({ run: `iscsi login ${place} portal=${at} target=${target}` }));
  return new Refusal(`${place} can't be logged in`, [found, ...lines, ...unanswered], {
    fixes,
    next: ["help iscsi login"],
  });
}

const placeOf = ({ portal }: DiscoveredTarget): string => portalText(portal);

interface Discovered {
  readonly host: Host;
  readonly portal: Portal;
  readonly found: readonly DiscoveredTarget[];
  readonly problem: string | null;
}

async function askedBy(host: Host, portals: readonly Portal[], facts: Facts): Promise<Discovered[]> {
  const reads: Record<string, ReadCommand<DiscoveredTarget[]>> = {};
  for (const portal of portals) reads[portalText(portal)] = discoverTargets(portal);
  const seen = await facts.gather(host, reads);
  return portals.map((portal) => {
    const answer = seen[portalText(portal)];
    if (answer === undefined) throw new Error(`${portalText(portal)} was not asked from ${host.name}`);
    const problem = problemOf(discoverTargets(portal), answer) ?? whyUncertain(answer);
    return { host, portal, found: valueOr(answer, []), problem };
  });
}
