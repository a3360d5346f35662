import { distance } from "fastest-levenshtein";
import { Refusal } from "../../core/refusal.ts";
import { type HostView, unreadHosts } from "../looks/host-view.ts";
import type { Lun } from "../looks/lun.ts";

/**
 * The LUN that an operator named, by exact identity: a WWID, or a name of /dev/disk/by-id (`scsi-…`, `wwn-0x…`,
 * `dm-uuid-mpath-…`, also with the folder before it). Never by substring, never corrected.
 */
export function resolveLun(given: string, luns: readonly Lun[], views: readonly HostView[], cluster: string): Lun {
  const name = given.replace(/^\/dev\/disk\/by-id\//, "");
  const found = new Set<Lun>(luns.filter((lun) => lun.wwid === name));
  for (const view of views) {
    for (const id of view.ids) {
      if (!namesIt(id.name, name)) continue;
      const lun = luns.find((each) => each.on.some((on) => on.host === view.host && isOn(on, id.device)));
      if (lun) found.add(lun);
    }
  }
  const [only, another] = found;
  const doing = `finding the LUN ${given} on the hosts of ${cluster}`;
  if (only === undefined)
    throw new Refusal(
      doing,
      [notFound(name, luns), ...unreadHosts(views, [name, name.replace(/^(dm-uuid-mpath-|scsi-)/, "")])],
      [`lun list ${cluster}`],
    );
  if (another !== undefined) {
    const both = [...found].map((lun) => lun.wwid).join(" and ");
    throw new Refusal(doing, `the name means different LUNs on different hosts: ${both}`, [`lun list ${cluster}`]);
  }
  return only;
}

/** A bare WWID may stand for its link of any kind; a name with a prefix for that link only. */
const namesIt = (link: string, name: string): boolean =>
  link === name || ["dm-uuid-mpath-", "scsi-", "nvme-", "wwn-"].some((prefix) => link === prefix + name);

const isOn = (on: Lun["on"][number], device: string): boolean => on.kernelName === device || on.pathSizes.has(device);

function notFound(name: string, luns: readonly Lun[]): string {
  const bare = name.replace(/^(dm-uuid-mpath-|scsi-|nvme-|wwn-0x)/, "");
  const nearest = luns
    .map((lun) => ({ wwid: lun.wwid, distance: distance(lun.wwid, bare) }))
    .filter((candidate) => candidate.distance <= Math.max(4, bare.length / 2))
    .sort((left, right) => left.distance - right.distance)
    .slice(0, 3);
  if (nearest.length === 0) return "no host sees a LUN of that name";
  return `no host sees a LUN of that name; the nearest seen: ${nearest.map(({ wwid }) => wwid).join(", ")}`;
}
