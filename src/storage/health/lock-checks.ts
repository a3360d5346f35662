import { reasonOf } from "../../core/outcome.ts";
import { isMissing } from "../observe/host-view.ts";
import { afterLoss, lockStateIn } from "../observe/lock-state.ts";
import { type ClusterLook, type HostLook, notUnderstood, reconnect } from "./cluster-observation.ts";
import { fine, unknown, type Verdict } from "./verdict.ts";

export function lockspace(look: HostLook, cluster: ClusterLook): Verdict {
  const { storage } = cluster;
  if (storage === null) return fine("no storage");
  const { leases, lockspaces } = look.seen;
  const unread = [leases, lockspaces].find((each) => each.kind !== "done" && !isMissing(each));
  if (unread !== undefined) return unknown(reasonOf(unread) ?? "", `host show ${look.host.name}`);
  const odd = notUnderstood(look, storage);
  if (odd !== null) return odd;
  const state = lockStateIn(storage.uuid, look.view);
  const byHand = `on ${look.host.name}: ${afterLoss(storage.uuid)}`;
  if (state === "dead") {
    const seen = "lost: sanlock gave its lease up while volumes are active here; other hosts may lock them now";
    return { grade: "unsafe", seen, mend: byHand };
  }
  if (state === "lost") {
    return { grade: "broken", seen: "lost: lvmlockd counts on it, sanlock has no lease of it", mend: byHand };
  }
  if (storage.state === "Maintenance") {
    const seen = "joined, though the storage is in maintenance";
    return state === "none"
      ? fine("stopped for maintenance")
      : { grade: "at risk", seen, mend: `sharedblock maintain ${storage.name}` };
  }
  if (state === "none") return { grade: "broken", seen: "not joined", mend: reconnect(cluster, look, "host prepare") };
  if (state === "unjoined") {
    const seen = "sanlock holds the lease for an lvmlockd that died; the new one has not joined: LVM can lock nothing";
    return { grade: "broken", seen, mend: reconnect(cluster, look, "host prepare") };
  }
  if (state !== "held") {
    return { grade: "at risk", seen: `under way (${state})`, mend: `sharedblock show ${storage.name}` };
  }
  const lease = look.view.leases.find((each) => each.volumeGroup === storage.uuid);
  return fine(`joined as host id ${lease?.hostId}`);
}

/** sanlock renews every two I/O time-outs, warns after six, and after eight ends what uses the storage on the host. */
export function leaseAge(look: HostLook, cluster: ClusterLook): Verdict {
  const { storage } = cluster;
  const { sanlock } = look.seen;
  if (storage === null) return fine("no storage");
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", `host show ${look.host.name}`);
  const odd = notUnderstood(look, storage);
  if (odd !== null) return odd;
  const own = sanlock.value?.renewals.find((each) => each.volumeGroup === storage.uuid);
  if (own === undefined || own.ageSeconds === null) return fine("none");
  const { ageSeconds, failing, ioTimeoutSeconds } = own;
  const late = ageSeconds > 4 * ioTimeoutSeconds;
  if (!late && !failing) return fine(`renewed ${ageSeconds} s ago`);
  // What a lease that was given up means is said of the lockspace.
  if (lockStateIn(storage.uuid, look.view) === "dead") {
    return { grade: "unsafe", seen: `given up, last renewed ${ageSeconds} s ago`, mend: "" };
  }
  const left = Math.max(0, 8 * ioTimeoutSeconds - ageSeconds);
  return {
    grade: ageSeconds > 6 * ioTimeoutSeconds ? "broken" : "at risk",
    seen: `last renewed ${ageSeconds} s ago${failing ? ", the latest try failed" : ""}; in ${left} s sanlock ends what uses the storage here`,
    mend: `multipath status ${look.host.name}`,
  };
}
