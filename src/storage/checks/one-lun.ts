import { named } from "../../core/host-text.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { PathIdentity } from "../observe/host-view.ts";
import type { LunOnHost } from "../observe/lun.ts";

interface Path extends PathIdentity {
  readonly host: string;
  readonly model: string | null;
}

/**
 * Why paths with one WWID may lead to several LUNs. Cloned arrays, and targets that number their LUNs from one, use the
 * same WWID twice, and multipath joins them in one map. All paths must report the same serial number and model.
 * Different iSCSI targets, or iSCSI with another transport, count as one array only if each path has a different port
 * number: port numbers are unique in one array. All sizes must agree. A LUN has one number at each port.
 */
export const oneLunReasons = (wwid: string, on: readonly LunOnHost[]): Reason[] => [
  ...sameLunReasons(wwid, on),
  ...sizeReasons(wwid, on),
];

/** The same for a LUN that grows. Its paths learn the new size one after another. */
export function sameLunReasons(wwid: string, on: readonly LunOnHost[]): Reason[] {
  const paths = on.flatMap((each) =>
    each.identities.map((path): Path => ({ ...path, host: each.host.name, model: each.models.get(path.disk) ?? null })),
  );
  const models = on.flatMap((each) => [...each.models].map(([disk, model]) => ({ host: each.host.name, disk, model })));
  return [
    ...differing(wwid, "models", models, ({ model }) => model),
    ...differing(wwid, "serial numbers", paths, ({ serial }) => serial),
    ...on.flatMap((each) => numberReasons(wwid, each)),
    ...paths.flatMap((path) => nameReasons(wwid, path)),
    ...targetReasons(wwid, paths),
  ];
}

function differing<P extends { readonly host: string; readonly disk: string }>(
  wwid: string,
  what: string,
  paths: readonly P[],
  reported: (path: P) => string | null,
): Reason[] {
  const byValue = new Map<string, P>();
  for (const path of paths) {
    const value = reported(path);
    if (value !== null && !byValue.has(value)) byValue.set(value, path);
  }
  if (byValue.size < 2) return [];
  const each = [...byValue].map(([value, { host, disk }]) => `${disk} on ${host} ${named(value)}`).join(", ");
  return [twoLuns(`paths of ${wwid} have different ${what} (${each})`)];
}

const twoLuns = (why: string): Reason =>
  reason(
    "LUN_AMBIGUOUS",
    `${why}: they may be two LUNs with one WWID`,
    "unmap one of the two LUNs, or give it another WWID on the array",
  );

/** A size of 0 means that nothing is behind the path any more. */
function sizeReasons(wwid: string, on: readonly LunOnHost[]): Reason[] {
  const all = on.map(({ host, sizeBytes, pathSizes }) => ({
    host: host.name,
    sizes: [...new Set([...(sizeBytes === null ? [] : [sizeBytes]), ...pathSizes.values()])].filter((size) => size > 0),
  }));
  if (new Set(all.flatMap(({ sizes }) => sizes)).size < 2) return [];
  const each = all.map(({ host, sizes }) => `${host} ${sizes.map((size) => `${size} bytes`).join(" and ")}`).join("; ");
  return [reason("SIZE_UNCLEAR", `hosts or paths report different sizes of ${wwid}: ${each}`)];
}

/**
 * At one port of the array, a LUN has one number for a host. Two numbers are two LUNs, even with equal serial numbers
 * and sizes. Other hosts may have other numbers for the LUN.
 */
function numberReasons(wwid: string, { host, addresses }: LunOnHost): Reason[] {
  const byPort = new Map<string, string[]>();
  for (const address of new Set(addresses.values())) {
    const port = address.slice(0, address.lastIndexOf(":"));
    byPort.set(port, [...(byPort.get(port) ?? []), address]);
  }
  return [...byPort.values()]
    .filter((numbers) => numbers.length > 1)
    .map((numbers) => twoLuns(`${host.name} has ${wwid} behind one target port as ${numbers.join(" and ")}`));
}

/**
 * The array may have given a path to another LUN after the map was made. The path is then still in the map of the first
 * LUN. A name of another length is of another kind and is not compared.
 */
function nameReasons(wwid: string, { disk, host, name }: Path): Reason[] {
  const [, expected] = /^3([0-9a-f]+)$/.exec(wwid) ?? [];
  if (expected === undefined || name == null || name.length !== expected.length || name === expected) return [];
  return [
    reason(
      "LUN_AMBIGUOUS",
      `${disk} on ${host}, a path of ${wwid}, leads to the LUN 3${name}`,
      `remove the path ${disk} from ${host}, then run multipath there`,
    ),
  ];
}

function targetReasons(wwid: string, paths: readonly Path[]): Reason[] {
  const overIscsi = paths.filter(({ target }) => target !== null);
  const unknownDisks = paths.find(({ isIscsi, target }) => isIscsi && target === null);
  // No target is known, because an adapter does iSCSI itself.
  if (unknownDisks !== undefined && overIscsi.length > 0) {
    const { disk, host } = unknownDisks;
    return [twoLuns(`the iSCSI target behind ${disk} on ${host}, a path of ${wwid}, is not known`)];
  }
  const targets = new Set<string | null>(overIscsi.map(({ target }) => target));
  const ways = [...new Set(paths.map(wayOf))];
  if (ways.length < 2) return [];
  const unproven = paths.find(({ serial, targetPort }) => serial === null || targetPort === null);
  const same = paths.find((path) =>
    paths.some((other) => wayOf(other) !== wayOf(path) && other.targetPort === path.targetPort),
  );
  if (unproven === undefined && same === undefined) return [];
  const why =
    unproven === undefined
      ? `both have the port number ${same?.targetPort}`
      : `${unproven.disk} on ${unproven.host} reports no ${unproven.serial === null ? "serial number" : "port number"}`;
  const names = ways.map((way) => (targets.has(way) ? named(way) : way)).join(", ");
  return [twoLuns(`paths of ${wwid} lead to ${ways.length} targets (${names}), and ${why}`)];
}

/** An array may offer a LUN over iSCSI and over another transport. */
const wayOf = ({ isIscsi, target }: Path): string => target ?? (isIscsi ? "iSCSI" : "not over iSCSI");
