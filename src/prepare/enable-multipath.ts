import type { Facts } from "../core/facts.ts";
import { chosenHosts, clusterOf, hostsOf } from "../core/find.ts";
import { type Plan, plan } from "../core/plan.ts";
import { type Reason, reason, refuse } from "../core/refusal.ts";
import { type Part, plainLines } from "../core/reply.ts";
import { few } from "../core/shared-facts.ts";
import { isNamed, type MapNames } from "../host/multipath-settings.ts";
import { lacksPackage } from "../host/problem.ts";
import { clusterLock } from "../storage/locks.ts";
import { viewWith } from "../storage/observe/host-view.ts";
import { leftOutParts } from "../storage/render/left-out.ts";
import { aliasWarnings, multipathParts, observeMaps } from "../storage/render/maps.ts";
import { problemsPart } from "../storage/render/matrix.ts";
import { differenceStage, differenceTable, namingHost } from "./difference.ts";
import { aliasesInSettings, multipathDifferences } from "./multipath.ts";
import { multipathReasons, namesAfter } from "./multipath-conf.ts";
import { type MultipathObservation, observeMultipath } from "./multipath-observation.ts";
import { unmappedPart } from "./unmapped-luns.ts";

interface EnableMultipathRequest {
  readonly hostOrCluster: string;
  readonly names?: MapNames | undefined;
}

export async function planEnableMultipath(
  { hostOrCluster: target, names: asked }: EnableMultipathRequest,
  facts: Facts,
): Promise<Plan> {
  const names = asked ?? null;
  const hosts = chosenHosts(facts.inventory, target);
  const headline = `Multipath can't be enabled on ${target}`;
  const cluster = clusterOf(facts.inventory, hosts);
  const others = hostsOf(facts.inventory, cluster).filter((host) => !hosts.includes(host));
  const [{ observations, leftOut }, siblings] = await Promise.all([
    observeMultipath(hosts, facts),
    observeMaps(others, facts),
  ]);
  const unread = leftOut.map(({ host, problems }) => `${host.name}: ${problems.join("; ")}`);
  const install = leftOut.some(({ problems }) => problems.some(lacksPackage));
  const help = {
    fixes: install ? [{ run: `host prepare ${target} install=true` }] : [],
    next: [`multipath status ${target}`],
  };
  refuse(headline, observations.length === 0 ? unread.map(unreadReason) : [], help);
  refuse(
    headline,
    observations.flatMap((observation) => namingHost(observation.host, () => multipathReasons(observation))),
    help,
  );
  const differences = observations.flatMap((observation) => multipathDifferences(observation, names, facts.askedAt));
  const aliases = aliasWarnings([...observations.map(({ view }) => view), ...siblings]);
  const elsewhere = new Set(siblings.flatMap(({ maps }) => maps.map(({ wwid }) => wwid)));
  const unmapped = unmappedPart(observations, elsewhere);
  if (differences.length === 0) {
    const rename = {
      when: "if each LUN needs one name everywhere",
      run: `multipath enable ${cluster.name} names=wwid`,
    };
    refuse(headline, [...nothingDiffers(observations, [...aliases, ...unmapped]), ...unread.map(unreadReason)], {
      fixes: aliases.length === 0 ? [] : [rename],
      next: [`multipath status ${target}`],
    });
  }
  return plan({
    title: `Enable multipath on ${target}`,
    verb: "Enable Multipath",
    undo: { none: "The settings stay. Change multipath.conf on the hosts." },
    facts: [
      differenceTable(differences),
      ...renamed(observations, names),
      ...aliases,
      ...unmapped,
      ...leftOutParts(leftOut.map(({ host, problems }) => ({ host, why: problems.join("; ") }))),
    ],
    stages: [differenceStage("Set up multipath", differences)],
    leftOut: leftOut.map(({ host }) => host),
    locks: [clusterLock(cluster)],
    result: async (later) => {
      const after = await observeMultipath(hosts, later);
      const views = after.observations.map(({ view }) => view);
      const unseen = after.leftOut.map((left) => viewWith(left.host, { problems: left.problems }));
      const problems = problemsPart(unseen);
      const maps = multipathParts([...views, ...unseen], null);
      return {
        shown: [
          ...maps.filter(({ kind }) => kind === "text"),
          ...aliasWarnings([...views, ...siblings]),
          ...unmappedPart(after.observations, elsewhere),
          ...(problems === null ? [] : [problems]),
        ],
        details: maps.filter(({ kind }) => kind === "table"),
        next: [`multipath status ${target}`],
      };
    },
  });
}

/** Nothing to do does not mean that everything is correct. So problems that this command can't fix are listed too. */
function nothingDiffers(observations: readonly MultipathObservation[], parts: readonly Part[]): Reason[] {
  const names = few(observations.map(({ host }) => host.name));
  const done = reason("NOTHING_TO_DO", `multipath is set up already: ${names}`);
  return [done, ...plainLines(parts).map((line) => reason("NOTHING_TO_DO", line))];
}

const unreadReason = (why: string): Reason => reason("HOST_UNREADABLE", why);

/** The effect of a rename on people and files that use the old name. */
function renamed(observations: readonly MultipathObservation[], names: MapNames | null): Part[] {
  const hosts = new Map<string, string[]>();
  const named = observations.flatMap((observation) =>
    renamesOn(observation, names).map((row) => ({ host: observation.host.name, row })),
  );
  for (const { host, row } of named) hosts.set(row.join(" "), [...(hosts.get(row.join(" ")) ?? []), host]);
  const rows = [...new Map(named.map(({ row }) => [row.join(" "), row]))];
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      caption: "Maps that get another name, also in use",
      columns: ["hosts", "now", "then"],
      rows: rows.map(([key, row]) => [few(hosts.get(key) ?? []), ...row]),
    },
    warning(
      "What names them by the old name (/etc/fstab, scripts) must be changed; volume groups find their LUNs as before.",
    ),
  ];
}

function renamesOn(observation: MultipathObservation, names: MapNames | null): string[][] {
  const wanted = namesAfter(observation, names);
  if (names === null && observation.settings?.naming.general === wanted) return [];
  const given = aliasesInSettings(observation);
  return observation.view.maps
    .filter((map) => !isNamed(map, wanted, given))
    .map(({ wwid, alias }) => (alias === null ? [wwid, "a name of the host's choice"] : [alias, wwid]));
}

const warning = (text: string): Part => ({ kind: "text", text, tone: "warning" });
