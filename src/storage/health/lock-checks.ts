import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { reasonOf } from "../../core/outcome.ts";
import { noLocks } from "../observe/host-view.ts";
import { afterLoss, lockStateIn } from "../observe/lock-state.ts";
import { type ClusterObservation, type HostObservation, notUnderstood, reconnect } from "./cluster-observation.ts";
import { fine, unknown, type Verdict } from "./verdict.ts";

export function lockspace(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { storage } = cluster;
  if (storage === null) return fine("no storage");
  const { leases, lockspaces } = noneIfNotInstalled(observation.seen, noLocks);
  const unread = [leases, lockspaces].find((each) => each.kind !== "done");
  if (unread !== undefined) return unknown(reasonOf(unread) ?? "", `host show ${observation.host.name}`);
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
    return { grade: "at risk", seen: `under way (${state})`, fix: `sharedblock show ${storage.name}` };
  }
  const lease = observation.view.leases.find((each) => each.volumeGroup === storage.uuid);
  return fine(`joined as host id ${lease?.hostId}`);
}

/** sanlock renews every two I/O time-outs, warns after six, and after eight ends what uses the storage on the host. */
export function leaseAge(observation: HostObservation, cluster: ClusterObservation): Verdict {
  const { storage } = cluster;
  const { sanlock } = observation.seen;
  if (storage === null) return fine("no storage");
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", `host show ${observation.host.name}`);
  const doubt = notUnderstood(observation, storage);
  if (doubt !== null) return doubt;
  const own = sanlock.value?.renewals.find((each) => each.volumeGroup === storage.uuid);
  if (own === undefined || own.ageSeconds === null) return fine("none");
  const { ageSeconds, failing, ioTimeoutSeconds } = own;
  const late = ageSeconds > 4 * ioTimeoutSeconds;
  if (!late && !failing) return fine(`renewed ${ageSeconds} s ago`);
  // What a lease that was given up means is said of the lockspace.
  if (lockStateIn(storage.uuid, observation.view) === "dead") {
    return { grade: "unsafe", seen: `given up, last renewed ${ageSeconds} s ago`, fix: "" };
  }
  const left = Math.max(0, 8 * ioTimeoutSeconds - ageSeconds);
  return {
    grade: ageSeconds > 6 * ioTimeoutSeconds ? "broken" : "at risk",
    seen: `last renewed ${ageSeconds} s ago${failing ? ", the latest try failed" : ""}; in ${left} s sanlock ends what uses the storage here`,
    fix: `multipath status ${observation.host.name}`,
  };
}
