import type { FindingKind, Severity } from "../core/finding.ts";
import type { Operation } from "../core/operation.ts";

type Kinds = readonly FindingKind[];
/** What a change can make hosts show. Everything else that begins while it runs is a fault of its own. */
interface Effects {
  /** Of the storage and the LUNs that it changes. What is left of it after the operation is an incident. */
  readonly own?: Kinds;
  /** Of anything on its hosts. */
  readonly hosts?: Kinds;
  /** Those that stay: the host has it like this from then on. */
  readonly stays?: Kinds;
}

const changes: Kinds = ["LUN new", "size changed"];
const shows: Kinds = [...changes, "size differs between paths", "path outside its map", "LUN without map"];
const losesPaths: Kinds = [
  ...(["path failed", "map degraded", "map without paths", "LUN without map"] as const),
  ...(["LUN gone", "path outside its map"] as const),
];
const locks: Kinds = [
  ...(["lease old", "lease lost", "lockspace stopped", "host id in use elsewhere", "volume group incomplete"] as const),
];
const services: Kinds = ["service down", "service without answer", "answer not readable", "service not enabled"];
const capacity: Kinds = ["storage filling", "storage full", "volume filling", "volume full"];

/** By the change's name. A rescan loses no path. A storage that is extended stops no lease of another one. */
export const operationEffects: Readonly<Record<string, Effects>> = {
  "lun forget": { own: losesPaths, stays: losesPaths },
  "lun rescue": { own: locks, hosts: shows, stays: changes },
  "multipath enable": { hosts: [...losesPaths, ...shows, ...services], stays: changes },
  "sharedblock add": { own: [...locks, ...capacity], hosts: shows, stays: changes },
  "sharedblock extend": { own: locks, hosts: shows, stays: changes },
  "sharedblock resize": { own: locks, hosts: shows, stays: changes },
  "sharedblock attach": { own: locks, hosts: [...shows, ...services], stays: changes },
  "sharedblock detach": { own: locks },
  "sharedblock maintain": { own: locks },
  "sharedblock reconnect": { own: locks, hosts: [...shows, ...services], stays: changes },
  "sharedblock import": { own: [...locks, ...capacity], hosts: shows, stays: changes },
  "sharedblock disable": { own: locks },
  "sharedblock enable": { own: locks, hosts: shows, stays: changes },
  "sharedblock rename": {},
  "sharedblock describe": {},
  "sharedblock delete": { own: locks },
  "host add": {},
  "host trust": {},
  "host prepare": { hosts: [...locks, ...losesPaths, ...shows, ...services], stays: changes },
  "host rescan": { hosts: [...shows, "LUN gone"], stays: [...changes, "LUN gone"] },
  "host remove": { hosts: locks },
  "iscsi login": { hosts: shows, stays: changes },
  "iscsi logout": { hosts: losesPaths, stays: losesPaths },
  "cluster add": {},
  "cluster remove": { hosts: locks },
  "zone add": {},
  "zone remove": {},
};

const none: Effects = {};

function effectsOf(words: string): Effects {
  const typed = words
    .toLowerCase()
    .replace(/^\/?zstack\s+/, "")
    .split(/\s+/)
    .slice(0, 2)
    .join(" ");
  return Object.hasOwn(operationEffects, typed) ? (operationEffects[typed] ?? none) : none;
}

type Words = Pick<Operation, "words">;
interface Caused {
  readonly kind: string;
  readonly severity?: Severity;
}
/** No operation makes a LUN smaller: only a size that grew is an info. */
const has = (kinds: Kinds = [], { kind, severity = "info" }: Caused): boolean =>
  kinds.some((each) => each === kind) && (kind !== "size changed" || severity === "info");

export const canCause = ({ words }: Words, finding: Caused): boolean => {
  const { own, hosts } = effectsOf(words);
  return has(own, finding) || has(hosts, finding);
};

/** Whether it can cause it on LUNs and storages that it does not change itself. */
export const canCauseAnywhere = ({ words }: Words, finding: Caused): boolean => has(effectsOf(words).hosts, finding);

/** Whether the host has it like this from then on. */
export const causesForGood = ({ words }: Words, finding: Caused): boolean => has(effectsOf(words).stays, finding);
