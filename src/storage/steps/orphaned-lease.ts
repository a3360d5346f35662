import type { Host } from "../../core/inventory.ts";
import { reason } from "../../core/refusal.ts";
import { few } from "../../core/shared-facts.ts";
import { type Guard, guardRead, type Step } from "../../core/step.ts";
import { listActiveVolumes } from "../../host/dmsetup.ts";
import { listLockspaces } from "../../host/lvmlockctl.ts";
import { type Lease, leaveLockspace, releaseOrphan } from "../../host/sanlock.ts";

import { namesOf } from "../observe/storage-on-host.ts";

/** Releases the orphaned lease of a dead lvmlockd, so that the next one can join. No step if there is none. */
export function releaseOrphanSteps(host: Host, left: Lease | null): Step[] {
  if (left === null) return [];
  const guard = stillLeft(host, left);
  return [
    ...left.orphans.map((orphan) => ({
      host,
      command: releaseOrphan(orphan),
      guard,
      why: "releases the orphaned lock of a volume",
    })),
    {
      host,
      command: leaveLockspace(left.lockspace),
      guard,
      why: "releases its orphaned lease, which the new lvmlockd can't take over",
    },
  ];
}

/** An active volume needs its lock against other hosts. A lease that LVM has joined by now is no longer orphaned. */
const stillLeft = (host: Host, { volumeGroup }: Lease): Guard => [
  guardRead(host, { active: listActiveVolumes, lockspaces: listLockspaces }, ({ active, lockspaces }) => {
    const names = namesOf(active, volumeGroup);
    if (names.length > 0) {
      return reason(
        "VOLUME_IN_USE",
        `has ${few(names)} active with locks of an lvmlockd that died`,
        `stop what uses them on ${host.name} and run vgchange -an ${volumeGroup} there; or take the storage into maintenance, which does both`,
      );
    }
    return lockspaces?.some((each) => each.volumeGroup === volumeGroup)
      ? reason(
          "LOCK_STATE",
          `its lvmlockd has joined ${volumeGroup}'s lockspace since the plan`,
          "send the command again",
        )
      : null;
  }),
];
