import { asking } from "../../core/asking.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import type { Cluster, Host } from "../../core/inventory.ts";
import type { Plan, Stage, Step } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import type { MultipathMap } from "../../core/storage.ts";
import { flushMap, listMultipathMaps } from "../../host/multipath.ts";
import { forgetDisks, listKernelDisks } from "../../host/scsi.ts";
import { settleDevices } from "../../host/udev.ts";
import { forgetGuard, type StalePath } from "../checks/stale-lun.ts";
import { clusterLock } from "../locks.ts";
import { nameOfMap } from "../observe/lun.ts";

/** What one host still has of the LUN. */
export interface ForgottenOn {
  readonly host: Host;
  readonly map: MultipathMap | null;
  readonly paths: readonly StalePath[];
}
export interface Forgetting {
  readonly cluster: Cluster;
  readonly wwid: string;
  readonly on: readonly ForgottenOn[];
  /** Hosts that could not be read, with the reason. */
  readonly leftOut: readonly string[];
}

/** Host by host: what goes wrong on the first is not done on the others. */
export function forgettingPlan({ cluster, wwid, on, leftOut }: Forgetting): Plan {
  const rows = on.map(({ host, map, paths }) => [
    host.name,
    map === null ? "none" : nameOfMap(map),
    paths.map(({ disk }) => disk).join(", ") || "none",
  ]);
  const facts: Part[] = [
    { kind: "table", caption: `Left of ${wwid}`, columns: ["host", "map", "dead paths"], rows },
    {
      kind: "text",
      text: "No path answers and nothing uses it. If the array offers it again, a rescan brings it back.",
    },
    ...leftOut.map((why): Part => ({ kind: "text", text: `Left out: ${why}`, tone: "warning" })),
  ];
  return {
    title: `Forget ${wwid} on the hosts of ${cluster.name}`,
    verb: "Forget LUN",
    undo: { command: `host rescan ${cluster.name}` },
    facts,
    irreversible: [],
    stages: on.map((each) => forgetStage(wwid, each)),
    typedConfirmation: null,
    locks: [clusterLock(cluster), wwid, ...on.map(({ host }) => `scan of ${host.name}`)],
    afterwards: [],
    result: null,
  };
}

/** The map first: a disk that goes while a map stands on it leaves an empty map, which may hang whoever reads it. */
function forgetStage(wwid: string, { host, map, paths }: ForgottenOn): Stage {
  const steps: Step[] = [];
  if (map !== null) {
    const name = map.alias ?? wwid;
    steps.push({
      host,
      command: flushMap(name),
      guard: forgetGuard(wwid, host, paths, name),
      why: "takes the map away; refused by multipath itself where something uses it",
    });
  }
  if (paths.length > 0) {
    steps.push({
      host,
      command: forgetDisks(paths.map(({ disk }) => disk)),
      guard: forgetGuard(wwid, host, paths, null),
      why: "the kernel forgets the dead paths",
    });
  }
  return {
    kind: "hosts",
    title: `Forget it on ${host.name}`,
    steps: [
      ...steps,
      { host, command: settleDevices, why: "waits until udev has taken its links away" },
      { host, check: hasNoMap(wwid), withinMs: 10_000, why: "proves that no map is left" },
      { host, check: hasNoDisk(paths), withinMs: 10_000, why: "proves that no path is left" },
    ],
  };
}

const hasNoMap = (wwid: string): ReadCommand<string | null> =>
  asking(
    listMultipathMaps,
    (maps) => {
      const map = maps.find((each) => each.wwid === wwid);
      return map === undefined ? null : `still has the map ${nameOfMap(map)} of ${wwid}`;
    },
    [wwid],
  );

const hasNoDisk = (paths: readonly StalePath[]): ReadCommand<string | null> =>
  asking(listKernelDisks, (disks) => {
    const left = paths.filter((path) => disks.some(({ disk, hctl }) => disk === path.disk && hctl === path.hctl));
    return left.length === 0 ? null : `still has ${left.map(({ disk }) => disk).join(", ")}`;
  });
