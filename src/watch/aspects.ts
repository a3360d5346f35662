import type { FindingKind } from "../core/finding.ts";
import { type HostSample, isSilent, type Observed } from "./sample.ts";

/** What an answer of a host may lack. Those of a storage are read for each storage. */
const aspects = {
  reach: false,
  answers: false,
  paths: false,
  units: false,
  clock: false,
  lock: true,
  owner: true,
  group: true,
  volumes: true,
} as const;
type Aspect = keyof typeof aspects;

/** From what each kind of finding is read. */
const aspectOf: Readonly<Record<FindingKind, Aspect>> = {
  "path failed": "paths",
  "map degraded": "paths",
  "map without paths": "paths",
  "LUN without map": "paths",
  "LUN gone": "paths",
  "LUN new": "paths",
  "size changed": "paths",
  "size differs between paths": "paths",
  "one name, two LUNs": "paths",
  "path outside its map": "paths",
  "lease old": "lock",
  "lease lost": "lock",
  "lockspace stopped": "lock",
  "host id in use elsewhere": "owner",
  "service down": "units",
  "service without answer": "answers",
  "answer not readable": "answers",
  "service not enabled": "units",
  "host unreachable": "reach",
  "clock skew": "clock",
  "volume group incomplete": "group",
  "space not read": "group",
  "storage filling": "group",
  "storage full": "group",
  "volume filling": "volumes",
  "volume full": "volumes",
};

/** From what each element is read, by the first word of its key. */
const aspectOfElement: Readonly<Record<string, Aspect>> = {
  ...{ path: "paths", map: "paths", name: "paths", sizes: "paths", size: "paths", new: "paths" },
  ...{ unit: "units", clock: "clock", lease: "lock", owner: "owner", group: "group", volume: "volumes" },
};

/** Whether an element of a host that answers could not be read this time. */
export function isNotRead(key: string, sample: HostSample): boolean {
  const [word = "", id = null] = key.split(" ");
  if (word === "read") return sample.notRead.some(({ read }) => `read ${read}` === key);
  const aspect = aspectOfElement[word];
  return aspect !== undefined && !isRead(aspect, id, sample);
}

/** What does not belong to the host any more needs no answer. */
function isRead(aspect: Aspect, storageUuid: string | null, sample: HostSample): boolean {
  const { paths, units, clockAheadMs, storages } = sample;
  if (aspect === "paths") return paths !== null;
  if (aspect === "units") return units !== null;
  if (aspect === "clock") return clockAheadMs !== null;
  const storage = storages.find((each) => each.storageUuid === storageUuid);
  if (storage === undefined) return true;
  if (aspect === "lock") return storage.lock !== null;
  if (aspect === "owner") return storage.unchangedS !== null;
  if (aspect === "group") return storage.group !== null;
  return aspect !== "volumes" || storage.volumes !== null;
}

/** What was read of one host since the bot began to watch it. Until then its findings are neither there nor gone. */
export class ReadAspects {
  readonly #read = new Set<string>();
  /** null: nobody has observed it, or it was silent. */
  #sample: HostSample | null = null;

  /** `isLateInDoubt`: what did not answer once is asked again before it is a finding. */
  add(observed: Observed, isLateInDoubt: boolean): void {
    this.#read.add("reach");
    this.#sample = isSilent(observed) ? null : observed;
    if (isSilent(observed)) return;
    if (!isLateInDoubt && observed.notRead.every(({ isAgain }) => isAgain)) this.#read.add("answers");
    for (const aspect of ["paths", "units", "clock"] as const)
      if (isRead(aspect, null, observed)) this.#read.add(aspect);
    for (const { storageUuid } of observed.storages)
      for (const aspect of ["lock", "owner", "group", "volumes"] as const)
        if (isRead(aspect, storageUuid, observed)) this.#read.add(`${aspect} ${storageUuid}`);
  }

  has(kind: FindingKind, storageUuid: string | null): boolean {
    const aspect = aspectOf[kind];
    if (!aspects[aspect]) return this.#read.has(aspect);
    const isElsewhere = this.#sample?.storages.every((each) => each.storageUuid !== storageUuid) ?? false;
    return isElsewhere || this.#read.has(`${aspect} ${storageUuid}`);
  }
}
