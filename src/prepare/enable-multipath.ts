import type { Facts } from "../core/facts.ts";
import { clusterOf, hostsMeant, hostsOf, refuse } from "../core/find.ts";
import type { Plan } from "../core/plan.ts";
import { type Part, plainLines } from "../core/reply.ts";
import { isNamed, type MapNames } from "../host/multipath-settings.ts";
import { lacksPackage } from "../host/problem.ts";
import { clusterLock } from "../storage/locks.ts";
import { viewWith } from "../storage/observe/host-view.ts";
import { aliasWarnings, lookAtMaps, multipathParts } from "../storage/render/maps.ts";
import { few, problemsPart } from "../storage/render/matrix.ts";
import { differenceStage, differenceTable, namingHost } from "./difference.ts";
import { givenAliases, multipathDifferences } from "./multipath.ts";
import { multipathObjections, namesAfter } from "./multipath-conf.ts";
import { lookAtMultipathOf, type MultipathLook } from "./multipath-observation.ts";
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
  const hosts = hostsMeant(facts.inventory, target);
  const doing = `enabling multipath on ${target}`;
  const cluster = clusterOf(facts.inventory, hosts);
  const others = hostsOf(facts.inventory, cluster).filter((host) => !hosts.includes(host));
  const [{ looks, leftOut }, beside] = await Promise.all([lookAtMultipathOf(hosts, facts), lookAtMaps(others, facts)]);
  const unread = leftOut.map(({ host, problems }) => `${host.name}: ${problems.join("; ")}`);
  const install = leftOut.some(({ problems }) => problems.some(lacksPackage));
  const next = [
    install ? `host prepare ${target} install=true` : `multipath enable ${target}`,
    `multipath status ${target}`,
  ];
  refuse(doing, looks.length === 0 ? unread : [], next);
  refuse(
    doing,
    looks.flatMap((look) => namingHost(look.host, () => multipathObjections(look))),
    next,
  );
  const differences = looks.flatMap((look) => multipathDifferences(look, names, facts.askedAt));
  const aliases = aliasWarnings([...looks.map(({ view }) => view), ...beside]);
  const elsewhere = new Set(beside.flatMap(({ maps }) => maps.map(({ wwid }) => wwid)));
  const unmapped = unmappedPart(looks, elsewhere);
  if (differences.length === 0) {
    const next = aliases.length === 0 ? [] : [`multipath enable ${cluster.name} names=wwid`];
    refuse(
      doing,
      [...nothingDiffers(looks, [...aliases, ...unmapped]), ...unread],
      [`multipath status ${target}`, ...next],
    );
  }
  return {
    title: `Enable multipath on ${target}`,
    verb: "Enable Multipath",
    undo: { none: "The settings stay. Change multipath.conf on the hosts." },
    facts: [
      differenceTable(differences),
      ...renamed(looks, names),
      ...aliases,
      ...unmapped,
      ...unread.map((why) => warning(`Left out: ${why}`)),
    ],
    irreversible: [],
    stages: [differenceStage("Set up multipath", differences)],
    typedConfirmation: null,
    locks: [clusterLock(cluster)],
    afterwards: [],
    result: async (later) => {
      const after = await lookAtMultipathOf(hosts, later);
      const views = after.looks.map(({ view }) => view);
      const unseen = after.leftOut.map((left) => viewWith(left.host, { problems: left.problems }));
      const problems = problemsPart(unseen);
      return [
        ...multipathParts([...views, ...unseen], null),
        ...aliasWarnings([...views, ...beside]),
        ...unmappedPart(after.looks, elsewhere),
        ...(problems === null ? [] : [problems]),
      ];
    },
  };
}

/** That there is nothing to do is not that all is well: what enabling can't change is said as well. */
function nothingDiffers(looks: readonly MultipathLook[], parts: readonly Part[]): string[] {
  const warnings = plainLines(parts);
  const found = warnings.length === 0 ? "all is as it should be" : "multipathing is set up";
  return [`${looks.map(({ host }) => host.name).join(", ")}: ${found}, so there is nothing to do`, ...warnings];
}

/** What a rename means to whoever wrote down the old name. */
function renamed(looks: readonly MultipathLook[], names: MapNames | null): Part[] {
  const hosts = new Map<string, string[]>();
  const named = looks.flatMap((look) => renamesOn(look, names).map((row) => ({ host: look.host.name, row })));
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

function renamesOn(look: MultipathLook, names: MapNames | null): string[][] {
  const wanted = namesAfter(look, names);
  if (names === null && look.settings?.naming.general === wanted) return [];
  const given = givenAliases(look);
  return look.view.maps
    .filter((map) => !isNamed(map, wanted, given))
    .map(({ wwid, alias }) => (alias === null ? [wwid, "a name of the host's choice"] : [alias, wwid]));
}

const warning = (text: string): Part => ({ kind: "text", text, tone: "warning" });
