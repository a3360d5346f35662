import type { Scope } from "../core/cause-scope.ts";
import { type FillLevels, usualLevels } from "../core/fill-levels.ts";
import type { Finding, FindingKind, Severity } from "../core/finding.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";
import { deadAfterSeconds } from "../host/sanlock.ts";
import { formatBytes } from "../storage/size.ts";
import type { Element } from "./cause.ts";
import { asFull, finding, inSteps, type Scopes } from "./found.ts";
import { gaugeOf } from "./gauge.ts";
import type { HostSample, StorageSample, VolumeSample } from "./sample.ts";

/** What is known of a storage on one host besides what that host shows now. */
interface Serving {
  readonly host: Host;
  readonly storage: PrimaryStorage;
  /** Whether the host could lock in it before. */
  readonly served: boolean;
  /** Keys of the failed paths of its LUNs that have no path. */
  readonly lostPaths: () => readonly string[];
  /** Keys of the findings about its lock services. */
  readonly lostLocks: readonly string[];
  /** sanlock's name of another host that has its host id, as others read it. null: none. undefined: nobody read it. */
  readonly takenBy: () => string | null | undefined;
  /** For how many seconds others have read no renewal of the host's lease, if its sanlock does not answer. */
  readonly unchangedS: number | null;
  readonly levels: FillLevels;
}

/** What one storage shows on one host, by the aspect and the storage. */
export function storageElements(serving: Serving, sample: StorageSample): Map<string, Element> {
  const { storage } = serving;
  const elements = new Map<string, Element>();
  const set = (aspect: string, element: Element | null): void => {
    if (element !== null) elements.set(`${aspect} ${storage.uuid}`, element);
  };
  set("lease", leaseElement(serving, sample));
  set("owner", ownerElement(serving, sample));
  set("group", groupElement(serving, sample));
  for (const volume of sample.volumes ?? [])
    elements.set(`volume ${storage.uuid} ${volume.name}`, volumeElement(serving, volume));
  return elements;
}

const ownScopes = (aspect: "lease" | "group", host: Host, storage: PrimaryStorage): Scopes => [
  { kind: "host", id: `${aspect} ${host.uuid} ${storage.uuid}` },
  { kind: "storage", id: `${aspect} ${storage.uuid}` },
];

/** What it follows from, if it fails: failed paths, or a service. */
const following = (keys: readonly string[]): Pick<Element, "follows"> => (keys.length === 0 ? {} : { follows: keys });

/** null: nobody says it now. */
function leaseElement(serving: Serving, sample: StorageSample): Element | null {
  const { host, storage } = serving;
  const [kind, text, severity] = leaseFault(serving, sample) ?? [];
  if (kind === undefined || text === undefined) {
    // sanlock may hold a lease of which lvmlockd does not say that it uses it: that is not whole.
    return sample.lock === null ? null : { findings: [], scopes: ownScopes("lease", host, storage) };
  }
  const about = { storage, wwid: null };
  const found = {
    ...finding(host, kind, `${host.uuid} ${storage.uuid}`, text, about, severity),
    ...(kind === "lease old" && inSteps(isDead(serving, sample) ? 1 : 0)),
  };
  // Who overwrites a lease takes it away.
  const taken = `${TAKEN} ${host.uuid} ${storage.uuid}`;
  const follows = following([...serving.lostPaths(), ...serving.lostLocks, taken]);
  return { findings: [found], scopes: ownScopes("lease", host, storage), ...follows };
}

/** For sanlock, by the age that the host reads, or for how long others have read no renewal. */
const isDead = ({ unchangedS }: Serving, { leaseAgeS, ioTimeoutS }: StorageSample): boolean =>
  (leaseAgeS ?? unchangedS ?? 0) >= deadAfterSeconds(ioTimeoutS);

function leaseFault(serving: Serving, sample: StorageSample): readonly [FindingKind, string, Severity?] | null {
  const { host, served, unchangedS } = serving;
  const { name } = serving.storage;
  const { lock, leaseAgeS, ioTimeoutS } = sample;
  if (unchangedS !== null && leaseAgeS === null) {
    const text = isDead(serving, sample)
      ? `for sanlock ${host.name} is dead in ${name}: others see its lease unchanged for ${unchangedS} s`
      : `${host.name} does not renew its sanlock lease for ${name}: others see it unchanged for ${unchangedS} s`;
    return ["lease old", text, "critical"];
  }
  if (lock === "dead")
    return ["lease lost", `${host.name} lost its sanlock lease for ${name} while volumes were active`];
  if (lock === "lost")
    return [
      "lease lost",
      `${host.name} can't lock in ${name}: lvmlockd uses the lockspace, but sanlock has no lease for it`,
    ];
  if (lock === "unjoined")
    return [
      "lease lost",
      `${host.name} can't lock in ${name}: sanlock has a lease, but lvmlockd does not use the lockspace`,
    ];
  if (served && lock === "none")
    return ["lockspace stopped", `${host.name} can't lock in ${name}: its lockspace does not run`];
  if (served && lock === "joining")
    return ["lockspace stopped", `${host.name} can't lock in ${name} yet: its lockspace starts`];
  if (leaseAgeS !== null && leaseAgeS > 4 * ioTimeoutS) {
    const every = 2 * ioTimeoutS;
    return [
      "lease old",
      `${host.name} renewed its sanlock lease for ${name} ${leaseAgeS} s ago, and must every ${every} s`,
    ];
  }
  return null;
}

const TAKEN: FindingKind = "host id in use elsewhere";

/** null: no other host uses its id as it reads itself, or nobody says it now. */
function ownerElement({ host, storage, takenBy }: Serving, { otherOwner, unchangedS }: StorageSample): Element | null {
  // A host that is in the lockspace reads its own id itself.
  const byOthers = unchangedS === null ? takenBy() : undefined;
  const owner = otherOwner ?? byOthers ?? null;
  const scopes: Scopes = [{ kind: "host", id: `owner ${host.uuid} ${storage.uuid}` }];
  if (owner === null) return byOthers === undefined ? null : { findings: [], scopes };
  const text = `host id ${host.sanlockHostId} of ${host.name} in ${storage.name} is in use by ${owner}`;
  const about = { storage, wwid: null };
  return { findings: [finding(host, TAKEN, `${host.uuid} ${storage.uuid}`, text, about)], scopes };
}

/** More PVs than a volume group has. */
const ALL_MISSING = 1_000_000;

function groupElement({ host, storage, lostPaths }: Serving, { group }: StorageSample): Element | null {
  if (group === null) return null;
  const missing = group === "none" ? null : group.missing;
  if (missing === 0) return { findings: [], scopes: ownScopes("group", host, storage) };
  const text =
    missing === null
      ? `volume group of ${storage.name} is not seen on ${host.name}`
      : `volume group of ${storage.name} on ${host.name} misses ${missing} of its PVs`;
  const key = `${host.uuid} ${storage.uuid}`;
  return {
    findings: [
      {
        ...finding(host, "volume group incomplete", key, text, { storage, wwid: null }),
        ...inSteps(missing ?? ALL_MISSING),
      },
    ],
    scopes: ownScopes("group", host, storage),
    ...following(lostPaths()),
  };
}

/**
 * How full a storage is, as one host reads it: it is one group for all. Each level that it has reached is a finding of its
 * own, so that people hear of each. null: LVM was not asked this time.
 */
export function capacityElement(
  storage: PrimaryStorage,
  host: Host,
  { storages }: HostSample,
  levels: FillLevels = usualLevels,
): Element | null {
  const group = storages.find(({ storageUuid }) => storageUuid === storage.uuid)?.group;
  if (group === undefined || group === null || group === "none" || group.sizeBytes === 0) return null;
  const scopes: Scopes = [{ kind: "storage", id: `capacity ${storage.uuid}` }];
  const { percentUsed } = gaugeOf(group);
  const [, nearlyFull, full] = levels;
  const free = `${formatBytes(group.freeBytes)} of ${formatBytes(group.sizeBytes)} free`;
  const findings = levels
    .filter((level) => percentUsed >= level)
    .reverse()
    .map((level, index): Finding => {
      const id = level === nearlyFull ? `${storage.uuid} nearly full` : storage.uuid;
      const text =
        index === 0 ? `${storage.name} is ${percentUsed} % full: ${free}` : `${storage.name} is over ${level} %`;
      const kind = level === full ? "storage full" : "storage filling";
      const reached = levels.filter((each) => percentUsed >= each).length;
      const found = { ...finding(host, kind, id, text, { storage, wwid: null }), hostUuid: null };
      if (level === full) return { ...found, ...asFull(percentUsed) };
      return level === nearlyFull ? found : { ...found, ...inSteps(reached) };
    });
  return { findings, scopes };
}

/**
 * How full a volume is that takes space as it is written. It has the levels of its storage. At the last level, or with a
 * fault, its VMs stop or its data is lost.
 */
function volumeElement({ host, storage, levels }: Serving, { kind, name, fills, fault }: VolumeSample): Element {
  const [filling, , full] = levels;
  const id = `${storage.uuid} ${name}`;
  const scopes: readonly [Scope] = [{ kind: "storage", id: `volume ${id}` }];
  const add = (of: FindingKind, key: string, text: string): Finding =>
    finding(host, of, key, text, { storage, wwid: null });
  const named = `${kind} ${name} of ${storage.name}`;
  const findings = fills.flatMap(({ of, used, total }): Finding[] => {
    const percent = total === 0 ? 0 : Math.floor((100 * used) / total);
    const what = of === "metadata" ? `the metadata of ${named}` : named;
    const text = `${what} is ${percent} % full on ${host.name}`;
    return [
      ...(percent >= full ? [{ ...add("volume full", `${id} ${of}`, text), ...asFull(percent) }] : []),
      ...(percent >= filling
        ? [add("volume filling", `${id} ${of}`, percent >= full ? `${what} is over ${filling} %` : text)]
        : []),
    ];
  });
  const broken = fault === null ? [] : [add("volume full", id, `${named} ${fault}, on ${host.name}`)];
  return { findings: [...broken, ...findings], scopes };
}
