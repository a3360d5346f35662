import type { PrimaryStorage } from "../../core/inventory.ts";
import { reason } from "../../core/refusal.ts";
import { deadAfterSeconds, type HostLease, isLive } from "../../host/sanlock.ts";
import { type LockState, lockStateIn, lossReason } from "../observe/lock-state.ts";
import { joinSteps } from "../steps/join.ts";
import { prepareObjections, prepareSteps } from "../steps/lock-settings.ts";
import type { Finding } from "./repair-luns.ts";
import type { RepairObservation } from "./repair-observation.ts";

/** The host's settings, services and lease; `leases` are the group's host ids as the other hosts see them. */
export function lockFindings(
  observation: RepairObservation,
  storage: PrimaryStorage,
  leases: readonly HostLease[],
): Finding {
  const { host } = observation;
  const objections = prepareObjections(observation);
  if (objections.length > 0) {
    return { wrong: ["is not ready for shared volume groups"], steps: [], cannot: objections };
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
  dead: ["sanlock gave up its lease of the volume group while volumes were active"],
  lost: ["holds no lease of the volume group"],
};

/** Who lives under this host's id. What this host left itself before it was restarted bears its own name. */
function takenBy({ hostId, prepare, seen }: RepairObservation, leases: readonly HostLease[]): HostLease | null {
  const held = leases.find((lease) => lease.hostId === hostId && isLive(lease));
  if (held === undefined) return null;
  const own = seen.sanlock.kind === "done" ? seen.sanlock.value?.ownerName : undefined;
  if (held.ownerName === own) return null;
  // `UUID.sharedbloc`: the UUID is made anew at each start of sanlock, the host's name is cut off.
  const name = /^[0-9a-f-]{36}\.(.+)$/.exec(held.ownerName)?.[1];
  const hostname = prepare.hostname.kind === "done" ? prepare.hostname.value : "";
  return name !== undefined && hostname.startsWith(name) ? null : held;
}
