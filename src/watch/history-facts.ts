import { capacityValue, type Track, type TrackValue } from "../core/track-history.ts";
import type { Known } from "./known.ts";
import { isSilent, type Observed, type StorageSample } from "./sample.ts";

/** What one observation says about one track. */
export interface TrackFact {
  readonly track: Track;
  readonly value: TrackValue;
}

/**
 * Everything that one observation of a host says about tracks. A track that is missing here was not observed: nobody
 * knows its value.
 */
export function historyFacts(observed: Observed, known: Known | null): TrackFact[] {
  const { hostUuid } = observed;
  const host: Track = { kind: "host", ownerUuid: hostUuid, via: "", subject: "" };
  if (isSilent(observed)) return [{ track: host, value: "silent" }];
  return [
    { track: host, value: "answers" },
    ...(observed.paths === null ? [] : pathFacts(hostUuid, observed.paths, known)),
    ...observed.storages.flatMap((storage) => storageFacts(hostUuid, storage)),
  ];
}

type Paths = readonly { readonly key: string; readonly wwid: string; readonly works: boolean }[];

interface Made {
  readonly hostUuid: string;
  readonly known: Known["paths"] | undefined;
  readonly facts: readonly TrackFact[];
}
/** A host shows the same paths for weeks: then they are the same object. */
const made = new WeakMap<Paths, Made>();

function pathFacts(hostUuid: string, paths: Paths, known: Known | null): readonly TrackFact[] {
  const before = made.get(paths);
  if (before?.hostUuid === hostUuid && before.known === known?.paths) return before.facts;
  const facts = factsOf(hostUuid, paths, known);
  made.set(paths, { hostUuid, known: known?.paths, facts });
  return facts;
}

function factsOf(hostUuid: string, paths: Paths, known: Known | null): TrackFact[] {
  const pathOf = (key: string, subject: string): Track => ({
    kind: "path",
    ownerUuid: hostUuid,
    via: key.slice(`${subject} via `.length),
    subject,
  });
  const seen = new Set(paths.map(({ key }) => key));
  const facts: TrackFact[] = [
    ...paths.map(({ key, wwid, works }) => ({ track: pathOf(key, wwid), value: works ? "works" : "failed" })),
    ...Object.entries(known?.paths ?? {}).flatMap(([key, { wwid }]) =>
      seen.has(key) ? [] : [{ track: pathOf(key, wwid), value: "gone" }],
    ),
  ];
  // A picture of a hundred hosts reads a count of each, not each path.
  const count = facts.filter(({ value }) => value !== "works").length;
  return [...facts, { track: { kind: "failed", ownerUuid: hostUuid, via: "", subject: "" }, value: `${count}` }];
}

function storageFacts(hostUuid: string, { storageUuid, leaseAgeS, ioTimeoutS, lock, group }: StorageSample) {
  const lease: Track = { kind: "lease", ownerUuid: hostUuid, via: "", subject: storageUuid };
  const capacity: Track = { kind: "capacity", ownerUuid: storageUuid, via: "", subject: "" };
  const isLost = lock === "dead" || lock === "lost";
  const value = isLost ? "lost" : leaseAgeS === null ? null : leaseClass(leaseAgeS, ioTimeoutS);
  const { freeBytes = 0, sizeBytes = 0 } = group === null || group === "none" ? {} : group;
  return [
    ...(value === null ? [] : [{ track: lease, value }]),
    ...(sizeBytes > 0 ? [{ track: capacity, value: capacityValue(freeBytes, sizeBytes) }] : []),
  ];
}

/** sanlock renews a lease every two timeouts. */
const leaseClass = (ageS: number, ioTimeoutS: number): TrackValue =>
  ageS <= 3 * ioTimeoutS ? "fresh" : ageS <= 4 * ioTimeoutS ? "late" : "old";
