import { counted } from "../../core/counted.ts";
import { notesIn, whyUncertain } from "../../core/host-command.ts";
import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { isRelevant } from "../../core/not-understood.ts";
import { reasonOf, valueOr } from "../../core/outcome.ts";
import { rangesOf } from "../../core/shared-facts.ts";
import { deadAfterSeconds, isLive } from "../../host/sanlock.ts";
import { lunsText } from "../arguments.ts";
import { mapReasons } from "../checks/checks.ts";
import { noLocks, problemsOf } from "../observe/host-view.ts";
import { afterLoss, lockStateIn } from "../observe/lock-state.ts";
import { type LunOnHost, pathsOf, sizesOf } from "../observe/lun.ts";
import { isOn, LOCK_UNITS, lockDaemonOf, SANLOCK_UNIT } from "../steps/lock-services.ts";
import {
  type Check,
  type ClusterObservation,
  checkReads,
  fine,
  type HostObservation,
  isSilent,
  notUnderstood,
  reconnect,
  unitOf,
  unknown,
  type Verdict,
} from "./cluster-observation.ts";
import { MULTIPATH_UNIT } from "./repair.ts";

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

/** A host that does not answer is one finding, not eleven. */
export function verdictsOn(observation: HostObservation, cluster: ClusterObservation): Verdict[] {
  const silent = ssh(observation, cluster).grade !== "fine";
  return clusterChecks.map(([, check]) => (silent && check !== ssh ? notAsked : check(observation, cluster)));
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
  if (own === undefined) return "; no other host can say whether it lives";
  if (own.released) return "; it has left the lockspace in order";
  if (!isLive(own))
    return `; sanlock takes it for dead: its lease is unchanged for over ${deadAfterSeconds(own.ioTimeoutSeconds)} s`;
  return own.unchangedSeconds < 2 * 2 * own.ioTimeoutSeconds
    ? "; it is alive: the others see it renew its lease"
    : `; its lease is unchanged for ${own.unchangedSeconds} s, sanlock takes it for dead after ${deadAfterSeconds(own.ioTimeoutSeconds)} s`;
}

/** With a larger difference, logs of several hosts can't be compared. */
const MOST_SKEW_MS = 1_000;

function time({ ahead, host }: HostObservation): Verdict {
  if (ahead === null) return unknown("its clock could not be read", { next: `host show ${host.name}` });
  const skew = ahead.leastMs > 0 ? ahead.leastMs : Math.min(ahead.mostMs, 0);
  if (Math.abs(skew) <= MOST_SKEW_MS) return fine("in step");
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
  if (cluster.storage === null) return fine("off; no storage needs them");
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
  if (!needed) return fine("off; no LUN has several paths");
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
function disks(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { host } = observation;
  const unread = unreadDisks(observation, cluster);
  if (unread !== null) return unread;
  const here = new Set(cluster.luns.filter((lun) => lun.on.some((on) => on.host === host)).map((lun) => lun.wwid));
  const lost = (cluster.storage?.sharedBlocks ?? []).map((block) => block.wwid).filter((wwid) => !here.has(wwid));
  if (lost.length > 0) {
    const fix = reconnect(cluster, observation, "host rescan");
    return { grade: "broken", ...notSeen(lost, cluster), fix };
  }
  const ours = cluster.luns.filter((lun) => isOurs(cluster, lun.wwid));
  const uneven = ours.filter((lun) => sizesOf(lun).length > 1).map((lun) => lun.wwid);
  if (uneven.length > 0 && cluster.storage !== null) {
    const fix = `sharedblock resize ${cluster.storage.name} ${uneven[0]}`;
    return { grade: "at risk", object: lunsText(uneven), seen: "paths or hosts report different sizes", fix };
  }
  const wrong = ours.flatMap((lun) =>
    lun.on.filter((on) => on.host === host && on.activePaths > 0).flatMap((on) => mapReasons(lun, on)),
  );
  if (wrong.length > 0)
    return {
      grade: "at risk",
      seen: wrong.map(({ text }) => text).join("; "),
      fix: reconnect(cluster, observation, "host rescan"),
    };
  const others = cluster.luns.filter((lun) => !here.has(lun.wwid) && !isOurs(cluster, lun.wwid));
  if (others.length === 0) return fine(counted(here.size, "LUN"));
  const missing = others.map((lun) => lun.wwid);
  return { grade: "at risk", ...notSeen(missing, cluster), fix: `host rescan ${host.name}` };
}

/** The LUNs that one host does not see, with the number of hosts that do. */
function notSeen(wwids: readonly string[], { luns, hosts }: ClusterObservation): Omit<Verdict, "grade" | "fix"> {
  const counts = wwids.map((wwid) => luns.find((lun) => lun.wwid === wwid)?.on.length ?? 0);
  const least = Math.min(...counts);
  const also = least === 0 ? "and on no other host that answers" : `seen on ${countedOthers(least, hosts.length - 1)}`;
  return { object: lunsText(wwids), seen: "not seen", also };
}

const countedOthers = (count: number, all: number): string =>
  count === all && count > 2 ? "all others" : count === 1 ? "1 other" : `${count} others`;

/** A lost path of the storage is graver than one of a LUN without users. */
function paths(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const unread = unreadDisks(observation, cluster);
  if (unread !== null) return unread;
  const mine = cluster.luns.flatMap((lun) =>
    lun.on
      .filter((on) => on.host === observation.host)
      .map((on) => ({ on, ours: isOurs(cluster, lun.wwid), wwid: lun.wwid })),
  );
  const bad = mine.filter(({ on }) => on.activePaths < on.totalPaths || on.totalPaths === 0);
  if (bad.length === 0) return fine(mine.length === 0 ? "none" : "all active");
  const isLost = bad.some(({ on, ours }) => ours && on.activePaths === 0);
  return {
    grade: isLost ? "broken" : "at risk",
    object: `${lunsText(bad.map(({ wwid }) => wwid))}${bad.some(({ ours }) => ours) ? ` of ${cluster.storage?.name}` : ""}`,
    seen: `${[...new Set(bad.map(({ on }) => pathsOf(on)))].join(", ")} paths`,
    fix: bad.some(({ ours }) => ours)
      ? reconnect(cluster, observation, "host rescan")
      : `host rescan ${observation.host.name}`,
    next: `multipath status ${observation.host.name}`,
  };
}

function volumeGroup(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { storage } = cluster;
  if (storage === null) return fine("no storage");
  if (observation.seen.groups.kind !== "done")
    return unknown(reasonOf(observation.seen.groups) ?? "", { next: `host show ${observation.host.name}` });
  const doubt = notUnderstood(observation, storage);
  if (doubt !== null) return doubt;
  const group = observation.view.groups.find((each) => each.name === storage.uuid);
  if (group?.missingPhysicalVolumes === 0) return fine("whole");
  const seen = group === undefined ? "not seen" : `misses ${group.missingPhysicalVolumes} of its disks`;
  return { grade: "broken", seen, fix: reconnect(cluster, observation, "host rescan") };
}

function lockspace(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { storage } = cluster;
  if (storage === null) return fine("no storage");
  const { leases, lockspaces } = noneIfNotInstalled(observation.seen, noLocks);
  const unread = [leases, lockspaces].find((each) => each.kind !== "done");
  if (unread !== undefined) return unknown(reasonOf(unread) ?? "", { next: `host show ${observation.host.name}` });
  const doubt = notUnderstood(observation, storage);
  if (doubt !== null) return doubt;
  const state = lockStateIn(storage.uuid, observation.view);
  const byHand = `on ${observation.host.name}: ${afterLoss(storage.uuid)}`;
  if (state === "dead") {
    const seen = "lost: sanlock gave its lease up while volumes are active here; other hosts may lock them now";
    return { grade: "unsafe", seen, fix: byHand };
  }
  if (state === "lost") {
    return { grade: "broken", seen: "lost: lvmlockd counts on it, sanlock has no lease of it", fix: byHand };
  }
  if (storage.state === "Maintenance") {
    const seen = "joined, though the storage is in maintenance";
    return state === "none"
      ? fine("stopped for maintenance")
      : { grade: "at risk", seen, fix: `sharedblock maintain ${storage.name}` };
  }
  if (state === "none")
    return { grade: "broken", seen: "not joined", fix: reconnect(cluster, observation, "host prepare") };
  if (state === "unjoined") {
    const seen = "sanlock holds the lease for an lvmlockd that died; the new one has not joined: LVM can lock nothing";
    return { grade: "broken", seen, fix: reconnect(cluster, observation, "host prepare") };
  }
  if (state !== "held") {
    return { grade: "at risk", seen: `under way (${state})`, fix: "", next: `sharedblock show ${storage.name}` };
  }
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
  if (storage === null) return fine("no storage");
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", { next: `host show ${observation.host.name}` });
  const doubt = notUnderstood(observation, storage);
  if (doubt !== null) return doubt;
  const own = sanlock.value?.renewals.find((each) => each.volumeGroup === storage.uuid);
  if (own === undefined || own.ageSeconds === null) return fine("none");
  const { ageSeconds, failing, ioTimeoutSeconds } = own;
  const late = ageSeconds > 4 * ioTimeoutSeconds;
  if (!late && !failing) {
    const ofAll = (ages: readonly number[]) => `renewed ${spanOf(ages, 0)} s ago`;
    return fine(`renewed ${ageSeconds} s ago`, { value: ageSeconds, ofAll });
  }
  // The lockspace's verdict says what a lost lease means.
  if (lockStateIn(storage.uuid, observation.view) === "dead") {
    return { grade: "unsafe", seen: `lost, last renewed ${ageSeconds} s ago`, fix: "" };
  }
  const tried = failing ? ", the latest try failed" : "";
  const ofAll = (ages: readonly number[]) => {
    const left = Math.max(0, 8 * ioTimeoutSeconds - Math.max(...ages));
    return `last renewed ${spanOf(ages, 0)} s ago${tried}; in ${left} s sanlock ends what uses the storage here`;
  };
  return {
    grade: ageSeconds > 6 * ioTimeoutSeconds ? "broken" : "at risk",
    seen: ofAll([ageSeconds]),
    own: { value: ageSeconds, ofAll },
    fix: `on ${observation.host.name}: repair its paths to the array`,
    next: `multipath status ${observation.host.name}`,
  };
}

/** With its watchdog, sanlock resets a host that loses its leases. Without it, a hung host may write later. */
function watchdog(observation: HostObservation, { storage }: ClusterObservation): Verdict {
  const { sanlock, watchdogs } = observation.seen;
  const { sanlock: running } = noneIfNotInstalled(observation.seen, { sanlock: null });
  if (storage === null && running.kind === "done" && running.value === null) {
    return fine("sanlock is not running; no storage needs it");
  }
  const next = `host show ${observation.host.name}`;
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", { next });
  if (sanlock.value === null) return unknown("sanlock is not running and does not say", { next });
  if (sanlock.value.usesWatchdog === null) {
    return unknown("sanlock does not say whether it uses one", {
      next: `on ${observation.host.name}: check /etc/sanlock/sanlock.conf`,
    });
  }
  if (!sanlock.value.usesWatchdog) return fine("not used, as ZStack's agent sets it");
  if (watchdogs.kind !== "done") return unknown(reasonOf(watchdogs) ?? "", { next });
  const device = watchdogs.value.length > 0;
  if (device && unitOf(observation, "wdmd.service")?.active) return fine("in use");
  return {
    grade: "broken",
    seen: `sanlock uses the watchdog, but ${device ? "wdmd is not running" : "there is no watchdog device"}`,
    fix: `on ${observation.host.name}: ${device ? "systemctl enable --now wdmd" : "modprobe softdog"}`,
  };
}
