import { counted } from "../../core/counted.ts";
import { notesIn, whyUncertain } from "../../core/host-command.ts";
import type { PrimaryStorage } from "../../core/inventory.ts";
import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { isRelevant } from "../../core/not-understood.ts";
import { reasonOf, valueOr } from "../../core/outcome.ts";
import { rangesOf } from "../../core/shared-facts.ts";
import { deadAfterSeconds, isLive } from "../../host/sanlock.ts";
import { mapReasons } from "../checks/checks.ts";
import { noLocks, problemsOf } from "../observe/host-view.ts";
import { afterLoss, leaseLost, lockStateIn } from "../observe/lock-state.ts";
import { type Lun, type LunOnHost, pathsOf, sizesOf } from "../observe/lun.ts";
import { isOn, LOCK_UNITS, lockDaemonOf, SANLOCK_UNIT } from "../steps/lock-services.ts";
import {
  type Check,
  type ClusterObservation,
  checkReads,
  fine,
  type HostObservation,
  isSilent,
  nothing,
  notUnderstood,
  reconnect,
  unitOf,
  unknown,
  type Verdict,
  type Verdicts,
} from "./cluster-observation.ts";
import { MULTIPATH_UNIT, offlineDisks } from "./repair.ts";

const notAsked = unknown("not asked: the host does not answer");

/** A later check depends on the earlier ones. */
export const clusterChecks: readonly (readonly [name: string, check: Check])[] = [
  ["ssh", ssh],
  ["time", time],
  ["tools", tools],
  ["services", services],
  ["watchdog", watchdog],
  ["multipathd", multipathDaemon],
  ["LUNs", disks],
  ["paths", paths],
  ["volume group", volumeGroup],
  ["lockspace", lockspace],
  ["lease", leaseAge],
];

/** What each check found on a host. A host that does not answer is one finding, not eleven. */
export function verdictsOn(observation: HostObservation, cluster: ClusterObservation): Verdicts[] {
  const silent = ssh(observation, cluster).grade !== "fine";
  return clusterChecks.map(([, check]) => {
    const found = silent && check !== ssh ? notAsked : check(observation, cluster);
    return "grade" in found ? [found] : found;
  });
}

function ssh(observation: HostObservation, cluster: ClusterObservation): Verdict {
  if (!isSilent(observation.seen)) return fine("answers");
  return {
    grade: "broken",
    seen: `${reasonOf(observation.seen.units) ?? ""}${lifeSign(observation, cluster)}`,
    fix: `on ${observation.host.name}: make it answer over SSH`,
    next: `host show ${observation.host.name}`,
  };
}

/** Whether a host that does not answer still writes to the storage. The other hosts read this from the disks. */
function lifeSign({ host }: HostObservation, { hosts, storage }: ClusterObservation): string {
  if (storage === null || host.sanlockHostId === null) return "";
  // A lease that is not understood may be this host's newer one.
  const answers = hosts.flatMap(({ hostLeases }) =>
    hostLeases === null || whyUncertain(hostLeases) !== null ? [] : [valueOr(hostLeases, null) ?? []],
  );
  const leases = answers.flat();
  const [own] = leases
    .filter((lease) => lease.hostId === host.sanlockHostId)
    .sort((left, right) => left.unchangedSeconds - right.unchangedSeconds);
  if (own === undefined) return ". No other host shows its lease, so we don't know whether it is alive";
  if (own.released) return ". Its lease is released: it left the lockspace cleanly";
  const deadAfter = deadAfterSeconds(own.ioTimeoutSeconds);
  if (!isLive(own)) return `. Its lease is unchanged for over ${deadAfter} s: for sanlock the host is dead`;
  return own.unchangedSeconds < 2 * 2 * own.ioTimeoutSeconds
    ? ". It is alive: it renews its lease"
    : `. Its lease is unchanged for ${own.unchangedSeconds} s. After ${deadAfter} s the host is dead for sanlock`;
}

/** With a larger difference, logs of several hosts can't be compared. */
const MOST_SKEW_MS = 1_000;

function time({ ahead, host }: HostObservation): Verdict {
  if (ahead === null) return unknown("its clock could not be read", { next: `host show ${host.name}` });
  const skew = ahead.leastMs > 0 ? ahead.leastMs : Math.min(ahead.mostMs, 0);
  if (Math.abs(skew) <= MOST_SKEW_MS) return fine("within 1 s of the bot's clock");
  const where = `${skew > 0 ? "ahead of" : "behind"} the bot's clock`;
  const ofAll = (values: readonly number[]) => `${spanOf(values, 1)} s ${where}`;
  const own = { value: Math.abs(skew) / 1000, ofAll };
  return { grade: "at risk", seen: ofAll([own.value]), own, fix: `on ${host.name}: chronyc makestep` };
}

/** `2.1 to 3.4`; one number if they are equal. */
function spanOf(values: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...values).toFixed(digits), Math.max(...values).toFixed(digits)];
  return least === most ? least : `${least} to ${most}`;
}

function tools({ seen, host }: HostObservation): Verdict {
  const problems = problemsOf(checkReads, seen, "by object");
  const doubt = notesIn(seen).filter(isRelevant);
  if (problems.length === 0 && doubt.length > 0) {
    return { grade: "at risk", seen: doubt.map(({ why }) => why).join("; "), fix: "", next: `host show ${host.name}` };
  }
  if (problems.length === 0) return fine("all answer");
  const missing = problems.some((problem) => problem.includes("is not installed"));
  return {
    grade: "broken",
    seen: problems.join("; "),
    fix: missing ? `host prepare ${host.name} install=true` : `on ${host.name}: correct what the reason names`,
    ...(missing ? {} : { next: `host show ${host.name}` }),
  };
}

function services(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { units } = observation.seen;
  if (units.kind !== "done") return unknown(reasonOf(units) ?? "", { next: `host show ${observation.host.name}` });
  const daemon = lockDaemonOf(units.value.filter((unit) => LOCK_UNITS.includes(unit.name)));
  const off = [SANLOCK_UNIT, daemon ?? "lvmlockd.service"].filter((name) => !isOn(units.value, name));
  if (off.length === 0) return fine("on");
  if (cluster.storage === null) return nothing("off; no storage needs them");
  const running = off.every((name) => units.value.some((unit) => unit.name === name && unit.active));
  return {
    grade: running ? "at risk" : "broken",
    seen: `${off.join(", ")} ${running ? "not enabled at boot" : "not running"}`,
    fix: reconnect(cluster, observation, "host prepare"),
  };
}

function multipathDaemon(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { units } = observation.seen;
  if (units.kind !== "done") return unknown(reasonOf(units) ?? "", { next: `host show ${observation.host.name}` });
  const mine = ownLuns(observation, cluster);
  const unit = unitOf(observation, MULTIPATH_UNIT);
  if (unit?.active && unit.enabled) return fine("on");
  const needed = mine.some((on) => on.map !== null || on.totalPaths > 1);
  if (!needed) return unreadDisks(observation, cluster) ?? nothing("off; no LUN has several paths");
  return {
    grade: "broken",
    seen: unit?.active ? "not enabled at boot" : "not running",
    fix: `multipath enable ${observation.host.name}`,
  };
}

const ownLuns = ({ host }: HostObservation, { luns }: ClusterObservation): LunOnHost[] =>
  luns.flatMap((lun) => lun.on.filter((on) => on.host === host));

const isOurs = ({ storage }: ClusterObservation, wwid: string): boolean =>
  storage?.sharedBlocks.some((block) => block.wwid === wwid) === true;

/** A tool that hangs or fails does not show whether the disks are present. */
function unreadDisks(observation: HostObservation, { storage }: ClusterObservation): Verdict | null {
  const { seen, host } = observation;
  // The disks are visible without multipath too.
  const { devices, ids, maps } = noneIfNotInstalled(seen, { devices: [], ids: [], maps: [] });
  const unread = [devices, ids, maps].find((each) => each.kind !== "done");
  if (unread !== undefined) return unknown(reasonOf(unread) ?? "", { next: `host show ${host.name}` });
  return storage === null ? null : notUnderstood(observation, storage);
}

/** All LUNs of the storage must be present. For other LUNs, only a difference between hosts is reported. */
function disks(observation: HostObservation, cluster: ClusterObservation): Verdict | Verdicts {
  const { host } = observation;
  const { storage } = cluster;
  const unread = unreadDisks(observation, cluster);
  if (unread !== null) return unread;
  const here = new Set(cluster.luns.filter((lun) => lun.on.some((on) => on.host === host)).map((lun) => lun.wwid));
  const lost = (storage?.sharedBlocks ?? []).filter(({ wwid }) => !here.has(wwid));
  const scan = reconnect(cluster, observation, "host rescan");
  const [firstLost, ...othersLost] = lost.map(
    ({ wwid }): Verdict => ({ grade: "broken", ...notSeen(wwid, cluster), fix: scan }),
  );
  if (firstLost !== undefined) return [firstLost, ...othersLost];
  const ours = cluster.luns.filter((lun) => isOurs(cluster, lun.wwid));
  const [firstUneven, ...othersUneven] = ours
    .filter((lun) => storage !== null && sizesOf(lun).length > 1)
    .map(({ wwid }): Verdict => {
      const fix = `sharedblock resize ${storage?.name} ${wwid}`;
      return { grade: "at risk", luns: [wwid], seen: "paths or hosts report different sizes", fix };
    });
  if (firstUneven !== undefined) return [firstUneven, ...othersUneven];
  const wrong = ours.flatMap((lun) =>
    lun.on.filter((on) => on.host === host && on.activePaths > 0).flatMap((on) => mapReasons(lun, on)),
  );
  if (wrong.length > 0) return { grade: "at risk", seen: wrong.map(({ text }) => text).join("; "), fix: scan };
  const [firstMissing, ...othersMissing] = cluster.luns
    .filter((lun) => !here.has(lun.wwid) && !isOurs(cluster, lun.wwid))
    .map(({ wwid }): Verdict => ({ grade: "at risk", ...notSeen(wwid, cluster), fix: `host rescan ${host.name}` }));
  if (firstMissing !== undefined) return [firstMissing, ...othersMissing];
  return here.size === 0 ? nothing("none") : fine(counted(here.size, "LUN"));
}

/** A LUN that one host does not see, with the number of hosts that do. */
function notSeen(wwid: string, { luns, hosts }: ClusterObservation): Omit<Verdict, "grade" | "fix"> {
  const count = luns.find((lun) => lun.wwid === wwid)?.on.length ?? 0;
  const also = count === 0 ? "and on no other host that answers" : `seen on ${countedOthers(count, hosts.length - 1)}`;
  return { luns: [wwid], seen: "not seen", also };
}

const countedOthers = (count: number, all: number): string =>
  count === all && count > 2 ? "all others" : count === 1 ? "1 other" : `${count} others`;

/** A lost path of the storage is graver than one of a LUN without users. */
function paths(observation: HostObservation, cluster: ClusterObservation): Verdict | Verdicts {
  const unread = unreadDisks(observation, cluster);
  if (unread !== null) return unread;
  const mine = cluster.luns.flatMap((lun) =>
    lun.on.filter((on) => on.host === observation.host).map((on) => ({ lun, on })),
  );
  const [first, ...others] = mine
    .filter(({ on }) => on.activePaths < on.totalPaths || on.totalPaths === 0)
    .map(({ lun, on }) => pathVerdict(lun, on, observation, cluster));
  if (first !== undefined) return [first, ...others];
  return mine.length === 0 ? nothing("none") : fine("all active");
}

function pathVerdict(lun: Lun, on: LunOnHost, observation: HostObservation, cluster: ClusterObservation): Verdict {
  const ours = isOurs(cluster, lun.wwid);
  const { activePaths, totalPaths } = on;
  const ofAll = (active: readonly number[]) => `${spanOf(active, 0)} of ${totalPaths} paths`;
  const host = observation.host.name;
  return {
    grade: ours && activePaths === 0 ? "broken" : "at risk",
    luns: [lun.wwid],
    ...(ours && cluster.storage !== null ? { of: cluster.storage.name } : {}),
    seen: `${pathsOf(on)} paths`,
    ...(on.isMapKnown ? { own: { value: activePaths, ofAll } } : {}),
    fix: !isRepairable(on, lun, ours)
      ? ""
      : ours
        ? reconnect(cluster, observation, "host rescan")
        : `host rescan ${host}`,
    next: `multipath status ${host}`,
  };
}

/**
 * A failed path comes back if the array answers on it again, and no command of the bot does that. A scan finds a path
 * that is missing here and that another host has. `sharedblock reconnect` also takes up a disk that is offline.
 */
const isRepairable = (on: LunOnHost, lun: Lun, ours: boolean): boolean =>
  on.totalPaths < Math.max(...lun.on.map(({ totalPaths }) => totalPaths)) ||
  on.totalPaths === 0 ||
  (ours && offlineDisks(on).length > 0);

function volumeGroup(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { storage } = cluster;
  if (storage === null) return nothing("no storage");
  if (observation.seen.groups.kind !== "done")
    return unknown(reasonOf(observation.seen.groups) ?? "", { next: `host show ${observation.host.name}` });
  const doubt = notUnderstood(observation, storage);
  if (doubt !== null) return doubt;
  const group = observation.view.groups.find((each) => each.name === storage.uuid);
  if (group?.missingPhysicalVolumes === 0) return fine("complete");
  const seen = group === undefined ? "not seen" : `${counted(group.missingPhysicalVolumes, "disk")} missing`;
  return { grade: "broken", seen, fix: reconnect(cluster, observation, "host rescan") };
}

function lockspace(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { storage } = cluster;
  if (storage === null) return nothing("no storage");
  const { leases, lockspaces } = noneIfNotInstalled(observation.seen, noLocks);
  const unread = [leases, lockspaces].find((each) => each.kind !== "done");
  if (unread !== undefined) return unknown(reasonOf(unread) ?? "", { next: `host show ${observation.host.name}` });
  const doubt = notUnderstood(observation, storage);
  if (doubt !== null) return doubt;
  const state = lockStateIn(storage.uuid, observation.view);
  const { name } = observation.host;
  if (state === "dead" || state === "lost") {
    const fix = `on ${name}: ${afterLoss(storage.uuid, storage.name, name)}`;
    return state === "dead"
      ? { grade: "unsafe", seen: "lease lost while volumes were active", sentence: leaseLost(storage.name), fix }
      : { grade: "broken", seen: "lvmlockd uses the lockspace, but sanlock has no lease for it", fix };
  }
  if (storage.state === "Maintenance") {
    const seen = "joined, but the storage is in maintenance";
    return state === "none"
      ? nothing("stopped for maintenance")
      : { grade: "at risk", seen, fix: `sharedblock maintain ${storage.name}` };
  }
  if (state === "none")
    return { grade: "broken", seen: "not joined", fix: reconnect(cluster, observation, "host prepare") };
  if (state === "unjoined") {
    const seen = "orphaned lease of an lvmlockd that died. The new lvmlockd has not joined, so LVM can't lock volumes";
    return { grade: "broken", seen, fix: reconnect(cluster, observation, "host prepare") };
  }
  if (state !== "held") return { grade: "at risk", seen: state, fix: "", next: `sharedblock show ${storage.name}` };
  const lease = observation.view.leases.find((each) => each.volumeGroup === storage.uuid);
  if (lease === undefined) return fine("joined");
  const ofAll = (ids: readonly number[]) => `joined as host ids ${rangesOf(ids)}`;
  return fine(`joined as host id ${lease.hostId}`, { value: lease.hostId, ofAll });
}

/**
 * sanlock renews a lease every two I/O time-outs, warns after six, and after eight kills the storage's users on the
 * host.
 */
function leaseAge(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { storage } = cluster;
  const { sanlock } = observation.seen;
  if (storage === null) return nothing("no storage");
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", { next: `host show ${observation.host.name}` });
  const doubt = notUnderstood(observation, storage);
  if (doubt !== null) return doubt;
  const own = sanlock.value?.renewals.find((each) => each.volumeGroup === storage.uuid);
  if (own === undefined || own.ageSeconds === null) return withoutLease(observation, storage);
  const { ageSeconds, failing, ioTimeoutSeconds } = own;
  const late = ageSeconds > 4 * ioTimeoutSeconds;
  if (!late && !failing) {
    const ofAll = (ages: readonly number[]) => `renewed ${spanOf(ages, 0)} s ago`;
    return fine(`renewed ${ageSeconds} s ago`, { value: ageSeconds, ofAll });
  }
  // The lockspace's verdict says what a lost lease means.
  if (lockStateIn(storage.uuid, observation.view) === "dead") {
    return { grade: "unsafe", seen: `lost. It was renewed ${ageSeconds} s ago`, fix: "" };
  }
  const tried = failing ? ", the latest try failed" : "";
  const ofAll = (ages: readonly number[]) => {
    const left = Math.max(0, 8 * ioTimeoutSeconds - Math.max(...ages));
    return `last renewed ${spanOf(ages, 0)} s ago${tried}. In ${left} s sanlock ends what uses the storage`;
  };
  return {
    grade: ageSeconds > 6 * ioTimeoutSeconds ? "broken" : "at risk",
    seen: ofAll([ageSeconds]),
    own: { value: ageSeconds, ofAll },
    fix: `on ${observation.host.name}: repair its paths to the array`,
    next: `multipath status ${observation.host.name}`,
  };
}

/** The lockspace's verdict says what it means and what fixes it, if that shows the same. */
function withoutLease({ view, host }: HostObservation, { uuid, state }: PrimaryStorage): Verdict {
  const lockState = lockStateIn(uuid, view);
  if (lockState === "none" && state === "Maintenance") return nothing("none: the storage is in maintenance");
  if (lockState === "joining") return { grade: "at risk", seen: "not renewed yet", fix: "" };
  const next = lockState === "held" ? { next: `host show ${host.name}` } : {};
  return { grade: "broken", seen: "no lease", fix: "", ...next };
}

/** With its watchdog, sanlock resets a host that loses its leases. Without it, a hung host may write later. */
function watchdog(observation: HostObservation, { storage }: ClusterObservation): Verdict {
  const { sanlock, watchdogs } = observation.seen;
  const { sanlock: running } = noneIfNotInstalled(observation.seen, { sanlock: null });
  if (storage === null && running.kind === "done" && running.value === null) {
    return nothing("sanlock is not running; no storage needs it");
  }
  const next = `host show ${observation.host.name}`;
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", { next });
  if (sanlock.value === null) return unknown("sanlock is not running, so its setting is not known", { next });
  if (sanlock.value.usesWatchdog === null) {
    return unknown("sanlock did not report whether it uses a watchdog", {
      next: `on ${observation.host.name}: check /etc/sanlock/sanlock.conf`,
    });
  }
  if (!sanlock.value.usesWatchdog) return fine("not used: ZStack's agent sets use_watchdog = 0");
  if (watchdogs.kind !== "done") return unknown(reasonOf(watchdogs) ?? "", { next });
  const device = watchdogs.value.length > 0;
  if (device && unitOf(observation, "wdmd.service")?.active) return fine("in use");
  return {
    grade: "broken",
    seen: `sanlock uses the watchdog, but ${device ? "wdmd is not running" : "the host has no watchdog device"}`,
    fix: `on ${observation.host.name}: ${device ? "systemctl enable --now wdmd" : "modprobe softdog"}`,
  };
}
