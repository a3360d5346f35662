import type { Facts } from "../core/facts.ts";
import { doubtIn, type ReadCommand } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { Refusal } from "../core/refusal.ts";
import { type DiscoveredTarget, discoverTargets, type Portal, portalText } from "../host/iscsi-node.ts";
import { problemOf } from "../host/problem.ts";
import { few } from "../storage/render/matrix.ts";

/** What the portals tell the hosts, as the refusal of a login that names no target: which one is meant, a person must say. */
export async function whichTarget(
  place: string,
  portals: readonly Portal[],
  hosts: readonly Host[],
  facts: Facts,
): Promise<Refusal> {
  const reported = (await Promise.all(hosts.map((host) => askedBy(host, portals, facts)))).flat();
  const targets = [...new Set(reported.flatMap(({ found }) => found.map(({ target }) => target)))].sort();
  const lines = targets.map((target) => {
    const telling = reported.filter(({ found }) => found.some((each) => each.target === target));
    const at = new Set(telling.flatMap(({ found }) => found.filter((each) => each.target === target).map(placeOf)));
    return `${target} at ${few([...at])}, as ${few([...new Set(telling.map(({ host }) => host.name))])} was told`;
  });
  const unanswered = reported.flatMap(({ host, portal, problem }) =>
    problem === null ? [] : [`${host.name} could not ask ${portalText(portal)}: ${problem}`],
  );
  const doing = `logging ${place} in without target=`;
  const found = lines.length === 0 ? ["the portals name no target"] : ["the portals name these targets:", ...lines];
  const at = portals.map(portalText).join(",");
  const next = targets.slice(0, 5).map((target) => `iscsi login ${place} portal=${at} target=${target}`);
  return new Refusal(doing, [...found, ...unanswered], next.length > 0 ? next : ["help iscsi login"]);
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
    const problem = problemOf(discoverTargets(portal), answer) ?? doubtIn(answer);
    return { host, portal, found: answer.kind === "done" ? answer.value : [], problem };
  });
}
