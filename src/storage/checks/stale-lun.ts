import type { Facts } from "../../core/facts.ts";
import { answersIn, type ReadCommand } from "../../core/host-command.ts";
import { named } from "../../core/host-text.ts";
import type { Host } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { Guard } from "../../core/step.ts";
import { objectionOn } from "../../core/step.ts";
import { listHolders } from "../../host/device-users.ts";
import { listOpenCounts } from "../../host/dmsetup.ts";
import { listEveryBlockDevice } from "../../host/lsblk.ts";
import { listMultipathMaps } from "../../host/multipath.ts";
import { type Capacity, readCapacity, readNamePage } from "../../host/scsi.ts";
import { listDiskIds } from "../../host/udev.ts";
import { keptNames, nameIn, withNames } from "../observe/dead-disks.ts";
import { type HostView, problemsOf, viewWith } from "../observe/host-view.ts";
import { type LunOnHost, lunsOf, makeLuns } from "../observe/lun.ts";
import { userReads, withUse } from "../observe/use.ts";
import { allDevices } from "../observe/view-index.ts";

import { openReasons } from "./checks.ts";

/**
 * What the kernel and multipathd know. LVM is not asked: it reads every disk, and a map that queues for dead paths
 * would never answer.
 */
const kernelReads = {
  ...{ maps: listMultipathMaps, ids: listDiskIds, devices: listEveryBlockDevice },
  ...{ holders: listHolders, openCounts: listOpenCounts },
};

export async function observeKernel(host: Host, facts: Facts): Promise<HostView> {
  const seen = await facts.gather(host, kernelReads);
  const [maps, ids, listed] = [valueOr(seen.maps, []), valueOr(seen.ids, []), valueOr(seen.devices, [])];
  const kept = await keptNames(host, listed, facts);
  const devices = withNames(listed, kept.names);
  const problems = [...new Set([...problemsOf(kernelReads, seen), ...kept.problems])];
  const [holders, openCounts] = [valueOr(seen.holders, []), valueOr(seen.openCounts, [])];
  const view = viewWith(host, { maps, ids, devices, holders, openCounts, problems });
  await makeLuns(view);
  return view;
}

/** The uses that prevent a host from forgetting the LUN. */
export const lunInUseReasons = (wwid: string, on: LunOnHost): Reason[] => [
  ...stackReasons(wwid, on),
  ...openReasons(wwid, on),
];

const stackReasons = (wwid: string, { host, mountPoints, holders }: LunOnHost): Reason[] => [
  ...(mountPoints.length > 0
    ? [
        reason(
          "LUN_IN_USE",
          `${wwid} is mounted on ${host.name} at ${mountPoints.join(", ")}`,
          `unmount it on ${host.name}, then send the command again`,
        ),
      ]
    : []),
  ...(holders.length > 0
    ? [
        reason(
          "LUN_IN_USE",
          `${wwid} is in use on ${host.name} by ${holders.map(named).join(", ")}`,
          `deactivate or close ${holders.map(named).join(", ")} on ${host.name}`,
        ),
      ]
    : []),
];

/** If a path answers, the array still offers the LUN, and the next scan would bring it back. */
export const offerReasons = (
  wwid: string,
  host: Host,
  answers: Iterable<readonly [disk: string, answer: Capacity]>,
): Reason[] => {
  const offered = [...answers].filter(([, answer]) => answer !== "silent").map(([disk]) => disk);
  if (offered.length === 0) return [];
  return [
    reason(
      "LUN_STILL_OFFERED",
      `the array still offers ${wwid} to ${host.name} (${offered.join(", ")} answers)`,
      `unmap the LUN from ${host.name} on the array, then send the command again`,
    ),
  ];
};

/** One disk of the LUN at the time of the plan. */
export interface StalePath {
  readonly disk: string;
  readonly hctl: string | null;
}
export function stalePathsOf(on: LunOnHost, { devices }: HostView): StalePath[] {
  const all = allDevices(devices);
  return [...on.pathSizes.keys()].map((disk) => ({ disk, hctl: all.get(disk)?.hctl ?? null }));
}

type ReadsOfPaths = typeof kernelReads & { [name: `answer on ${string}`]: ReadCommand<Capacity> } & {
  [name: `name of ${string}`]: ReadCommand<string | null>;
};

/**
 * Directly before a host forgets the LUN: nothing uses it, no path of it answers, and its disks are the same.
 * `mapName`: the map to flush. Null if there must be no map.
 */
export function forgetGuard(wwid: string, host: Host, paths: readonly StalePath[], mapName: string | null): Guard {
  const reads: ReadsOfPaths = { ...kernelReads };
  for (const { disk } of paths) {
    reads[`answer on ${disk}`] = readCapacity(disk);
    reads[`name of ${disk}`] = readNamePage(disk);
  }
  const name = nameIn(wwid);
  const asPlanned = new Map(name === null ? [] : paths.map(({ disk }) => [disk, name]));
  return [
    {
      host,
      commands: [...Object.values(reads), ...Object.values(userReads)],
      async ask(gather) {
        const seen = answersIn(await gather(host, reads));
        if (typeof seen === "string") {
          return objectionOn(host, [
            reason("HOST_UNREACHABLE", `could not be asked whether the step is safe: ${seen}`),
          ]);
        }
        const { maps, ids, holders, openCounts } = seen;
        const devices = withNames(seen.devices, asPlanned);
        const view = await withUse(viewWith(host, { maps, ids, devices, holders, openCounts }), [wwid], gather);
        const answers = paths.flatMap(({ disk }) => {
          const answer = seen[`answer on ${disk}`];
          return answer === undefined ? [] : [[disk, answer] as const];
        });
        const reasons = [
          ...lunsOf([view]).flatMap((lun) =>
            lun.on.flatMap((on) => (lun.wwid === wwid ? lunInUseReasons(wwid, on) : [])),
          ),
          ...offerReasons(wwid, host, answers),
          ...foreignDisks(wwid, paths, view, (disk) => seen[`name of ${disk}`] ?? null),
          ...foreignMaps(wwid, mapName, view),
        ];
        return objectionOn(host, reasons);
      },
    },
  ];
}

/** The kernel reuses names, so a new disk must not be confused with the removed one. */
function foreignDisks(
  wwid: string,
  paths: readonly StalePath[],
  view: HostView,
  reportedBy: (disk: string) => string | null,
): Reason[] {
  const name = nameIn(wwid);
  const all = allDevices(view.devices);
  const others = lunsOf([view]).filter((lun) => lun.wwid !== wwid);
  return paths
    .filter(({ disk, hctl }) => {
      const isAnothers = others.some((lun) => lun.on.some((on) => on.pathSizes.has(disk)));
      const isNamedElse = name !== null && (reportedBy(disk) ?? name) !== name;
      return isAnothers || isNamedElse || all.get(disk)?.hctl !== hctl;
    })
    .map(({ disk }) => reason("CONTENT_CHANGED", `${disk} is no longer a path of ${wwid}`));
}

function foreignMaps(wwid: string, mapName: string | null, { maps }: HostView): Reason[] {
  const now = maps.find((map) => map.wwid === wwid);
  const changed = (why: string) => [reason("CONTENT_CHANGED", why)];
  if (mapName === null) return now === undefined ? [] : changed(`the map of ${wwid} still exists`);
  return now !== undefined && (now.alias ?? wwid) === mapName
    ? []
    : changed(`${mapName} is no longer the map of ${wwid}`);
}
