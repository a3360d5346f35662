import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import type { Gathered } from "../../core/host-command.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { Step } from "../../core/step.ts";
import { isWorking, listMultipathMaps, noteForMultipath } from "../../host/multipath.ts";
import { reconfigureMultipathd } from "../../host/multipathd.ts";
import { deadAfterSeconds, type HostLease, isLive, listHostLeases, readSanlockStatus } from "../../host/sanlock.ts";
import { bringOnline, listScsiHosts, rescanScsiHosts } from "../../host/scsi.ts";
import { enableUnits, readUnits } from "../../host/systemd.ts";
import { listDiskIds, settleDevices } from "../../host/udev.ts";
import { latestOf } from "../observe/foreign-hosts.ts";
import { lunReads, problemsOf } from "../observe/host-view.ts";
import { viewMade } from "../observe/hosts.ts";
import { type LockState, lockStateIn, lossReason } from "../observe/lock-state.ts";
import { type Lun, type LunOnHost, nameOfMap, pathsOf } from "../observe/lun.ts";
import { notUnderstoodAbout, objectsOf } from "../observe/not-understood.ts";
import { keepObservation } from "../observe/status.ts";
import { joinSteps } from "../steps/join.ts";
import { hostIdsFor, prepareReads, prepareReasons, prepareSteps } from "../steps/lock-settings.ts";
import type { HostSurvey } from "../steps/survey.ts";

export const MULTIPATH_UNIT = "multipathd.service";

const repairReads = (volumeGroup: string) => ({
  ...lunReads,
  ...prepareReads,
  scsiHosts: listScsiHosts,
  multipathd: readUnits([MULTIPATH_UNIT]),
  sanlock: readSanlockStatus,
  hostLeases: listHostLeases(volumeGroup),
});

/** One host with all data about its connection to a storage, read in one round trip. */
export interface RepairObservation extends HostSurvey {
  readonly seen: Gathered<ReturnType<typeof repairReads>>;
  /** Why data that the repair needs could not be read. */
  readonly problems: readonly string[];
}

export async function observeForRepair(
  hosts: readonly Host[],
  storage: PrimaryStorage,
  facts: Facts,
): Promise<RepairObservation[]> {
  const reads = repairReads(storage.uuid);
  return Promise.all(
    [...hostIdsFor(hosts, facts.inventory)].map(async ([host, hostId]) => {
      const seen = await facts.gather(host, reads);
      const view = await viewMade(host, seen);
      keepObservation(view, facts);
      const needed = { scsiHosts: reads.scsiHosts, multipathd: reads.multipathd };
      const doubt = notUnderstoodAbout(view, objectsOf(storage)).map(({ why }) => why);
      const problems = [...new Set([...view.problems, ...doubt, ...problemsOf(needed, seen)])];
      return { host, hostId, view, prepare: seen, seen, problems };
    }),
  );
}

/** The host ids of the group as the hosts read them from the disks. */
export const leasesSeen = (observations: readonly Pick<RepairObservation, "seen">[]): HostLease[] =>
  latestOf(observations.map(({ seen }) => valueOr(seen.hostLeases, null) ?? []));

/** The host's settings, services and lease. `leases`: the group's host ids as the other hosts see them. */
export function lockFindings(
  observation: RepairObservation,
  storage: PrimaryStorage,
  leases: readonly HostLease[],
): Finding {
  const { host } = observation;
  const reasons = prepareReasons(observation);
  if (reasons.length > 0) {
    return { wrong: ["is not ready for shared volume groups"], steps: [], cannot: reasons };
  }
  const prepare = prepareSteps(observation);
  const state = lockStateIn(storage.uuid, observation.view);
  const loss = lossReason(state, host, storage.name, storage.uuid);
  const taken = state === "none" ? takenBy(observation, leases) : null;
  const joins = ["none", "unjoined", "leaving"].includes(state) && taken === null;
  return {
    wrong: [
      ...(host.sanlockHostId === null ? ["has no sanlock host id yet"] : []),
      ...(prepare.length > 0 ? ["LVM's settings or the lock services differ from what is needed"] : []),
      ...(wrongOf[state] ?? []),
    ],
    steps: [...prepare, ...(joins ? joinSteps(observation.view, storage.uuid) : [])],
    cannot: [
      ...(loss === null ? [] : [loss]),
      ...(taken === null
        ? []
        : [
            reason(
              "LOCK_STATE",
              `host id ${observation.hostId} is in use by another host, ${taken.ownerName}, which renews it`,
              `correct the host_id of that host, then wait ${deadAfterSeconds(taken.ioTimeoutSeconds)} s after its last renewal`,
            ),
          ]),
    ],
  };
}

const wrongOf: Partial<Record<LockState, readonly string[]>> = {
  none: ["holds no lease of the volume group"],
  joining: ["its lease is under way (joining)"],
  leaving: ["its lease is under way (leaving)"],
  unjoined: ["its lvmlockd died, and the new one has not joined the lockspace"],
  dead: ["lost its sanlock lease while volumes were active"],
  lost: ["holds no lease of the volume group"],
};

/** Who uses this host's id. A lease from before this host's restart still has the host's own name. */
function takenBy({ hostId, prepare, seen }: RepairObservation, leases: readonly HostLease[]): HostLease | null {
  const lease = leases.find((each) => each.hostId === hostId && isLive(each));
  if (lease === undefined) return null;
  const own = valueOr(seen.sanlock, null)?.ownerName;
  if (lease.ownerName === own) return null;
  // `UUID.sharedbloc`: sanlock makes a new UUID at each start, and cuts the host's name.
  const name = /^[0-9a-f-]{36}\.(.+)$/.exec(lease.ownerName)?.[1];
  const hostname = valueOr(prepare.hostname, "");
  return name !== undefined && hostname.startsWith(name) ? null : lease;
}

/** What is wrong on one host, the steps that fix it, and what only people can fix. */
export interface Finding {
  readonly wrong: readonly string[];
  readonly steps: readonly Step[];
  readonly cannot: readonly Reason[];
}

/** How one host reaches one LUN of the storage. `on` is null if the host does not see it. */
interface Reach {
  readonly wwid: string;
  readonly on: LunOnHost | null;
  /** Whether it needs a multipath map: another host has one, or it has several paths. */
  readonly mapped: boolean;
}

/** The host's paths to the storage's LUNs. Missing ones are scanned and assembled, and must then be present. */
export function lunFindings(observation: RepairObservation, luns: readonly Lun[]): Finding {
  const { host } = observation;
  const reaches = luns.map((lun): Reach => {
    const on = lun.on.find((each) => each.host === host) ?? null;
    return { wwid: lun.wwid, on, mapped: (on?.totalPaths ?? 0) > 1 || lun.on.some((each) => each.map !== null) };
  });
  const unit = valueOr(observation.seen.multipathd, [])[0];
  const mapped = reaches.some((reach) => reach.mapped);
  const daemonOff = mapped && !(unit?.active && unit.enabled);
  const missing = reaches.filter(({ on }) => on === null);
  const unmapped = reaches.filter((reach) => reach.mapped && (reach.on?.map ?? null) === null);
  const offline = reaches.flatMap(({ on }) => offlineDisks(on));
  const degraded = reaches.filter(({ on }) => on !== null && on.activePaths < on.totalPaths);
  const outside = reaches.flatMap(({ on }) => on?.outsideMap ?? []);
  const lost = reaches.filter((reach) => !isReached(reach));
  const steps: Step[] = [
    ...(daemonOff && unit?.loaded
      ? [{ host, command: enableUnits([MULTIPATH_UNIT]), why: "multipathd runs now and at boot" }]
      : []),
    ...(missing.length + degraded.length > 0 ? scan(observation) : []),
    ...(offline.length > 0 ? [{ host, command: bringOnline(offline), why: "the kernel uses these disks again" }] : []),
    ...(unmapped.length + outside.length > 0 ? assemble(host, unmapped) : []),
    ...lost.map(({ wwid, on, mapped: asMap }): Step => {
      const check = asMap ? hasMap(wwid) : hasDisk(wwid);
      const withinMs = on === null ? FOUND_WITHIN_MS : TAKEN_UP_WITHIN_MS;
      return { host, check, withinMs, why: `proves that ${wwid} is reached` };
    }),
  ];
  return {
    wrong: [
      ...(daemonOff ? ["multipathd is not running or not enabled"] : []),
      ...missing.map(({ wwid }) => `does not see ${wwid}`),
      ...unmapped.filter(({ on }) => on !== null).map(({ wwid }) => `has no multipath map of ${wwid}`),
      ...degraded.flatMap(({ wwid, on }) => (on === null ? [] : `has ${pathsOf(on)} paths to ${wwid}`)),
      ...(outside.length > 0 ? [`${outside.join(", ")} are outside their map`] : []),
    ],
    steps,
    cannot: [
      ...(daemonOff && !unit?.loaded
        ? [reason("HOST_NOT_READY", "multipathd is not installed", { run: `host prepare ${host.name} install=true` })]
        : []),
      ...missing.map(({ wwid }) =>
        reason(
          "LUN_NOT_SEEN",
          `${wwid} is not seen`,
          `if the scan does not find it, map it to ${host.name} on the array`,
        ),
      ),
      ...degraded.flatMap(({ on }) => failedPaths(on)),
      ...reaches
        .filter(({ on }) => on?.readOnly)
        .map(({ wwid }) => reason("LUN_UNSUITABLE", `${wwid} is read-only`, "allow writing on the array")),
    ],
  };
}

/** multipathd makes a map a few seconds after udev has named its disks. */
const FOUND_WITHIN_MS = 15_000;
/** multipathd checks a good path every 20 s (`max_polling_interval`), and uses a recovered one after that. */
const TAKEN_UP_WITHIN_MS = 45_000;

const isReached = ({ on, mapped }: Reach): boolean => on !== null && on.activePaths > 0 && (on.map !== null || !mapped);

/** Disks that the kernel has taken offline. They are paths of the map. */
export const offlineDisks = (on: LunOnHost | null): string[] =>
  on?.map?.paths.filter((path) => path.deviceState === "offline").map((path) => path.device) ?? [];

/** A path that the checker has marked as failed recovers when the array answers on it. */
function failedPaths(on: LunOnHost | null): Reason[] {
  const failed = on?.map?.paths.filter((path) => !isWorking(path) && path.deviceState !== "offline") ?? [];
  if (failed.length === 0 || !on?.map) return [];
  const names = failed.map((path) => `${path.device} (${path.hctl})`).join(", ");
  return [
    reason(
      "MAP_NOT_USABLE",
      `failed paths of ${nameOfMap(on.map)}: ${names}; they come back by themselves when the array answers`,
      "check the port of the array and the cable",
    ),
  ];
}

function scan({ host, seen }: RepairObservation): Step[] {
  const scsiHosts = valueOr(seen.scsiHosts, []);
  if (scsiHosts.length === 0) return [];
  return [
    { host, command: rescanScsiHosts(scsiHosts), why: `scans ${scsiHosts.length} SCSI hosts` },
    { host, command: settleDevices, why: "waits until udev has named what appeared" },
  ];
}

const assemble = (host: Host, unmapped: readonly Reach[]): Step[] => [
  ...unmapped.map(({ wwid }) => ({ host, command: noteForMultipath(wwid), why: "multipath makes it a map" })),
  { host, command: reconfigureMultipathd, why: "makes the maps that are missing" },
];

const hasMap = (wwid: string) =>
  check(
    listMultipathMaps,
    (maps) => {
      const map = maps.find((each) => each.wwid === wwid);
      if (map === undefined) {
        return `has no multipath map of ${wwid}: the array does not offer the LUN to this host, or multipath leaves it out`;
      }
      return map.paths.some(isWorking) ? null : `has no working path to ${wwid}`;
    },
    [wwid],
  );

const hasDisk = (wwid: string) =>
  check(
    listDiskIds,
    (links) =>
      links.some(({ name }) => name === `scsi-${wwid}`)
        ? null
        : `does not see ${wwid}: the array does not offer the LUN to this host`,
    [wwid],
  );
