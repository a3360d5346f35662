import type { ReadCommand } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import type { Step } from "../../core/plan.ts";
import type { Lease } from "../../host/lease.ts";
import { listActiveVolumes } from "../../host/logical-volumes.ts";
import { leaveLockspace, releaseOrphan } from "../../host/orphaned-lock.ts";
import { namesOf } from "../looks/hold.ts";
import { few } from "../shown/matrix.ts";

/** Gives back what an lvmlockd that died has left with sanlock, so that the next one can join; nothing where it left nothing. */
export function giveBackSteps(host: Host, left: Lease | null): Step[] {
  if (left === null) return [];
  return [
    {
      host,
      check: nothingActive(left.volumeGroup),
      withinMs: 0,
      why: "proves that no volume is active whose lock would be given back",
    },
    ...left.orphans.map((orphan) => ({
      host,
      command: releaseOrphan(orphan),
      why: "gives back a volume's lock that an lvmlockd which died has left",
    })),
    {
      host,
      command: leaveLockspace(left.lockspace),
      why: "gives back its lease, which the new lvmlockd can't take over",
    },
  ];
}

/** Their locks are what keeps other hosts from them. */
function nothingActive(volumeGroup: string): ReadCommand<string | null> {
  return {
    ...listActiveVolumes,
    parse: (output) => {
      const active = namesOf(listActiveVolumes.parse(output), volumeGroup);
      return active.length === 0
        ? null
        : `has ${few(active)} active with locks of an lvmlockd that died: stop what uses them there and deactivate them (vgchange -an ${volumeGroup}), or take the storage into maintenance, which does both`;
    },
  };
}
