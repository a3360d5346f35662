import { check, mapRead } from "../../core/check.ts";
import type { Host } from "../../core/inventory.ts";
import { isAboutAny } from "../../core/not-understood.ts";
import { reason } from "../../core/refusal.ts";
import { type Guard, type GuardRead, guardRead, type Step } from "../../core/step.ts";
import { listBlockDevices } from "../../host/lsblk.ts";
import { isWorking, listMultipathMaps } from "../../host/multipath.ts";
import { resizeMap } from "../../host/multipathd.ts";
import { rescanDisks } from "../../host/scsi.ts";
import { settleDevices } from "../../host/udev.ts";
import { isMapStale, stalePaths } from "../checks/growth.ts";
import type { Lun, LunOnHost } from "../observe/lun.ts";
import { allDevices } from "../observe/view-index.ts";
import { formatBytes } from "../size.ts";

/** A LUN with the size that the array offers, and the hosts that may know an older one. */
export interface NewSize {
  readonly lun: Pick<Lun, "wwid">;
  readonly offeredBytes: number;
  readonly hosts: readonly { readonly on: LunOnHost }[];
}

/** The kernel asks the array again. A path in use continues to work. */
export const pathSteps = ({ lun, offeredBytes, hosts }: NewSize): Step[] =>
  hosts.flatMap((each): Step[] => {
    const { host } = each.on;
    const stale = stalePaths(each, offeredBytes);
    if (stale.length === 0) return [];
    const paths = [...each.on.pathSizes.keys()];
    return [
      { host, command: rescanDisks(stale), why: `asks the array for the size of ${lun.wwid}` },
      { host, command: settleDevices, why: "waits until udev and multipathd know it" },
      {
        host,
        check: haveSize(paths, offeredBytes),
        withinMs: 30_000,
        why: `proves that all paths agree on ${formatBytes(offeredBytes)}`,
      },
    ];
  });

/**
 * multipathd uses its own record of a path's size, which may be older than the kernel's. Then it prints "ok" and the
 * map does not change. So the map is resized again if it has not grown after some time.
 */
export const mapSteps = ({ lun, offeredBytes, hosts }: NewSize): Step[] =>
  hosts.flatMap((each): Step[] => {
    const { host, map } = each.on;
    if (map === null || !isMapStale(each, offeredBytes)) return [];
    const command = resizeMap(map.alias ?? lun.wwid);
    const check = haveSize([map.dmName], offeredBytes);
    const guard: Guard = [pathsWork(host, lun.wwid)];
    const condition = mapRead(check, (why) => why === null);
    return [
      { host, command, guard, why: `gives the map of ${lun.wwid} the size of its paths` },
      {
        host,
        command,
        guard,
        skipIf: { condition, withinMs: 6_000 },
        why: "again, if multipathd saw the size too late",
      },
      { host, check, withinMs: 20_000, why: `proves that the map has ${formatBytes(offeredBytes)}` },
    ];
  });

/**
 * A path that stopped since the plan keeps the old size, and a map that queues for its paths would wait for them while it
 * is resized.
 */
const pathsWork = (host: Host, wwid: string): GuardRead =>
  guardRead(
    host,
    { maps: listMultipathMaps },
    ({ maps }, notUnderstood) => {
      const fix = `repair the paths on ${host.name}`;
      const map = maps.find((each) => each.wwid === wwid);
      const names = [wwid, ...(map === undefined ? [] : [map.dmName, ...(map.alias === null ? [] : [map.alias])])];
      const doubt = notUnderstood.find((each) => isAboutAny(each, names));
      if (doubt !== undefined) return reason("HOST_UNREADABLE", `${host.name}: ${doubt.why}`);
      if (map === undefined) return reason("MAP_NOT_USABLE", `${host.name} has no multipath map of ${wwid} now`, fix);
      const dead = map.paths.filter((path) => !isWorking(path)).map(({ device }) => device);
      if (map.paths.length > 0 && dead.length === 0) return null;
      const which = dead.length === 0 ? "no path" : `paths without an answer now (${dead.join(", ")})`;
      return reason("MAP_NOT_USABLE", `the map of ${wwid} on ${host.name} has ${which}`, fix);
    },
    { byObject: true },
  );

const haveSize = (kernelNames: readonly string[], bytes: number) =>
  check(
    listBlockDevices,
    (tree) => {
      const devices = allDevices(tree);
      const others = kernelNames.filter((name) => devices.get(name)?.sizeBytes !== bytes);
      if (others.length === 0) return null;
      const sizes = others.map((name) => `${name} with ${devices.get(name)?.sizeBytes ?? "no"} bytes`);
      return `still has ${sizes.join(", ")}, not ${bytes}`;
    },
    kernelNames,
  );
