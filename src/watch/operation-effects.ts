import type { FindingKind } from "../core/finding.ts";
import type { Operation } from "../core/operation.ts";

const shows = ["LUN new", "size changed", "path outside its map", "LUN without map"] as const;
const losesPaths = [
  ...(["path failed", "map degraded", "map without paths", "LUN without map"] as const),
  ...(["LUN gone", "path outside its map"] as const),
];
const locks = [
  ...(["lease old", "lease lost", "lockspace stopped", "host id in use elsewhere", "volume group incomplete"] as const),
];
const services = ["service down", "service not enabled"] as const;
const capacity = ["storage filling", "storage full", "volume filling"] as const;

/**
 * What each change can make a host show while it runs. Everything else that begins then is a fault of its own: a rescan
 * loses no path.
 */
export const operationEffects: Readonly<Record<string, readonly FindingKind[]>> = {
  "lun forget": losesPaths,
  "lun rescue": [...locks, ...shows],
  "multipath enable": [...losesPaths, ...shows, ...services],
  "sharedblock add": [...locks, ...shows, ...capacity],
  "sharedblock extend": [...locks, ...shows],
  "sharedblock resize": [...locks, ...shows],
  "sharedblock attach": [...locks, ...shows, ...services],
  "sharedblock detach": locks,
  "sharedblock maintain": locks,
  "sharedblock reconnect": [...locks, ...shows, ...services],
  "sharedblock import": [...locks, ...shows, ...capacity],
  "sharedblock disable": locks,
  "sharedblock enable": [...locks, ...shows],
  "sharedblock rename": [],
  "sharedblock describe": [],
  "sharedblock delete": [...locks, ...losesPaths],
  "host add": [],
  "host prepare": [...locks, ...losesPaths, ...shows, ...services],
  "host rescan": [...shows, "LUN gone"],
  "host remove": locks,
  "iscsi login": shows,
  "iscsi logout": losesPaths,
  "cluster add": [],
  "cluster remove": locks,
  "zone add": [],
  "zone remove": [],
};

/** Of an operation that the table does not know, anything: people must not be called for what they do themselves. */
export function canCause({ words }: Pick<Operation, "words">, { kind }: { readonly kind: string }): boolean {
  const typed = words
    .toLowerCase()
    .replace(/^\/?zstack\s+/, "")
    .split(/\s+/)
    .slice(0, 2)
    .join(" ");
  return operationEffects[typed]?.some((each) => each === kind) ?? true;
}
