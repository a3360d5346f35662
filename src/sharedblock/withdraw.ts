import type { ReadCommand } from "../core/host-command.ts";
import type { PrimaryStorage } from "../core/inventory.ts";
import type { Stage } from "../core/plan.ts";
import type { Part } from "../core/reply.ts";
import { deactivateVolumes } from "../host/activation.ts";
import { listLeases } from "../host/lease.ts";
import { listLockspaces, stopLockspace } from "../host/lockspace.ts";
import type { Objection } from "./checks.ts";
import type { Hold } from "./hold.ts";
import { few } from "./matrix.ts";
import { withoutEmpty } from "./serve.ts";

/** sanlock gives up a lease within seconds; a busy array may make it wait. */
const GONE_WITHIN_MS = 60_000;

/** Why a host's hold on a storage can't be let go as it is, whatever uses the storage there. */
export const holdObjections = ({ name }: PrimaryStorage, holds: readonly Hold[]): Objection[] =>
  holds.flatMap((hold) => {
    const host = hold.host.name;
    if (hold.problems.length > 0) {
      return hold.problems.map((problem) => `${host} can't be asked what it holds of ${name}: ${problem}`);
    }
    if (hold.locked) return [];
    const reconnect = `/zstack sharedblock reconnect ${name} ${host} mends it`;
    if (hold.volumes.length > 0) {
      const volumes = few(hold.volumes.map((volume) => volume.name));
      return [`${host} has ${volumes} active without ${name}'s lockspace, so LVM can't deactivate them: ${reconnect}`];
    }
    return hold.lease !== null && hold.lease.underWay !== "REM"
      ? [`${host} has a lease of ${name} that its lvmlockd does not know: ${reconnect}`]
      : [];
  });

/** What to type then: a host that can't be asked is brought back, or given up for dead. */
export function holdNext({ name }: PrimaryStorage, holds: readonly Hold[]): string[] {
  const unread = holds.find(({ problems }) => problems.length > 0)?.host.name;
  return unread === undefined
    ? [`sharedblock reconnect ${name}`, `sharedblock show ${name}`]
    : [`host show ${unread}`, `host remove ${unread} force=true reason="it is dead"`, `sharedblock show ${name}`];
}

/** Takes a storage out of service on hosts on which nothing is open: volumes, lockspace, and the proof. */
export const withdrawStages = (holds: readonly Hold[], volumeGroup: string): Stage[] =>
  withoutEmpty([
    {
      kind: "hosts",
      title: "Deactivate the volumes",
      steps: holds
        .filter(({ volumes }) => volumes.length > 0)
        .map(({ host, volumes }) => ({
          host,
          command: deactivateVolumes(
            volumeGroup,
            volumes.map((volume) => volume.name),
          ),
          why: `deactivates ${volumes.length === 1 ? "1 volume" : `${volumes.length} volumes`}; their data stays`,
        })),
    },
    {
      kind: "hosts",
      title: "Stop the locks",
      steps: holds
        .filter(({ locked }) => locked)
        .map(({ host }) => ({ host, command: stopLockspace(volumeGroup), why: "leaves the group's lockspace" })),
      waitingFor: "sanlock to give up each host's lease",
    },
    {
      kind: "hosts",
      title: "No host holds its locks any more",
      // Also where nothing was held when the plan was made: somebody may have started the locks since.
      steps: holds.flatMap(({ host }) => [
        {
          host,
          check: leftLockspace(volumeGroup),
          withinMs: GONE_WITHIN_MS,
          why: "proves that its LVM left the lockspace",
        },
        {
          host,
          check: gaveUpLease(volumeGroup),
          withinMs: GONE_WITHIN_MS,
          why: "proves that sanlock gave up its lease",
        },
      ]),
    },
  ]);

/** Without the program nothing of its is held: that is an answer. */
const NOT_INSTALLED = 127;

function leftLockspace(volumeGroup: string): ReadCommand<string | null> {
  return {
    ...listLockspaces,
    exitCodes: [...listLockspaces.exitCodes, NOT_INSTALLED],
    parse: (output) => {
      const spaces = output.exitCode === NOT_INSTALLED ? [] : (listLockspaces.parse(output) ?? []);
      return spaces.some((each) => each.volumeGroup === volumeGroup) ? `is still in ${volumeGroup}'s lockspace` : null;
    },
  };
}

function gaveUpLease(volumeGroup: string): ReadCommand<string | null> {
  return {
    ...listLeases,
    exitCodes: [...listLeases.exitCodes, NOT_INSTALLED],
    parse: (output) => {
      const leases = output.exitCode === NOT_INSTALLED ? [] : (listLeases.parse(output) ?? []);
      return leases.some((each) => each.volumeGroup === volumeGroup) ? `still has its lease of ${volumeGroup}` : null;
    },
  };
}

/** What each host holds, and what would become of it. */
export function holdsParts(holds: readonly Hold[]): Part[] {
  if (holds.length === 0) return [{ kind: "text", text: "No host is concerned." }];
  const rows = holds.map(({ host, volumes, locked, lease }) => [
    host.name,
    locked || lease !== null ? "held, would be stopped" : "not held",
    volumes.length === 0 ? "none" : `${few(volumes.map((volume) => volume.name))}: would be deactivated`,
  ]);
  return [{ kind: "table", caption: "Hosts", columns: ["host", "locks", "active volumes"], rows }];
}
