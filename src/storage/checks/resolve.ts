import { distance } from "fastest-levenshtein";
import { type Reason, Refusal, reason } from "../../core/refusal.ts";
import type { HostView } from "../observe/host-view.ts";
import type { Lun } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";

/**
 * The LUN that an operator named, by exact identity: a WWID, or a name of /dev/disk/by-id (`scsi-…`, `wwn-0x…`,
 * `dm-uuid-mpath-…`, with or without the directory). It never matches a part of a name, and never corrects one.
 */
export function resolveLun(given: string, luns: readonly Lun[], views: readonly HostView[], cluster: string): Lun {
  const name = withoutFolder(given);
  const found = lunsNamed(name, luns, views);
  const [only, another] = found;
  const next = [`lun list ${cluster}`];
  if (only === undefined) {
    const unread = unreadHosts(views, [name, name.replace(/^(dm-uuid-mpath-|scsi-)/, "")]);
    throw new Refusal(`LUN ${given} was not found in ${cluster}`, [notFound(name, luns), ...unread], {
      next,
      unknown: { typed: given, ...meant(name, luns) },
    });
  }
  if (another !== undefined) throw ambiguous(given, found, next);
  return only;
}

/**
 * The WWID of a LUN that perhaps no host sees. A WWID is used directly. A by-id name is resolved on the hosts; if no
 * host has it, its own characters contain the WWID.
 */
export function wwidNamed(given: string, luns: readonly Lun[], views: readonly HostView[]): string {
  const name = withoutFolder(given);
  const found = lunsNamed(name, luns, views);
  const [only, another] = found;
  if (another !== undefined) throw ambiguous(given, found, ["cluster list"]);
  // `wwn-0x6…` has only the digits. The 3 before them means that they are an NAA name.
  return only?.wwid ?? name.replace(/^(dm-uuid-mpath-|scsi-|nvme-)/, "").replace(/^wwn-0x(?=[2356])/, "3");
}

/** Whether a name has the form of a WWID. */
export const isBareWwid = (given: string): boolean => !/^(\/dev\/|dm-uuid-mpath-|scsi-|nvme-|wwn-)/.test(given);

const withoutFolder = (given: string): string => given.replace(/^\/dev\/disk\/by-id\//, "");

function lunsNamed(name: string, luns: readonly Lun[], views: readonly HostView[]): Set<Lun> {
  const found = new Set<Lun>(luns.filter((lun) => lun.wwid === name));
  for (const view of views) {
    for (const id of view.ids) {
      if (!namesIt(id.name, name)) continue;
      const lun = luns.find((each) => each.on.some((on) => on.host === view.host && isOn(on, id.device)));
      if (lun) found.add(lun);
    }
  }
  return found;
}

function ambiguous(given: string, found: ReadonlySet<Lun>, next: readonly string[]): Refusal {
  const wwids = [...found].map((lun) => lun.wwid).join(" and ");
  const why = reason("AMBIGUOUS_NAME", `the name means different LUNs on different hosts: ${wwids}`);
  return new Refusal(`LUN ${given} is ambiguous`, why, { next });
}

/** A bare WWID matches its link of any kind. A name with a prefix matches only that link. */
const namesIt = (link: string, name: string): boolean =>
  link === name || ["dm-uuid-mpath-", "scsi-", "nvme-", "wwn-"].some((prefix) => link === prefix + name);

const isOn = (on: Lun["on"][number], device: string): boolean => on.kernelName === device || on.pathSizes.has(device);

/**
 * The one LUN that the name may mean: it differs in at most two characters, or it ends as the LUN's does. LUNs of one
 * array differ in few characters too, so two candidates are none.
 */
function meant(name: string, luns: readonly Lun[]): { meant?: string } {
  const end = name.replace(/^(…|\.\.\.)/, "").toLowerCase();
  const candidates = luns
    .map(({ wwid }) => wwid)
    .filter(
      (wwid) =>
        (end.length >= MOST_EDITS * 2 && wwid.toLowerCase().endsWith(end)) || distance(wwid, name) <= MOST_EDITS,
    );
  const [only, another] = candidates;
  return only === undefined || another !== undefined ? {} : { meant: only };
}
const MOST_EDITS = 2;

function notFound(name: string, luns: readonly Lun[]): Reason {
  const bare = name.replace(/^(dm-uuid-mpath-|scsi-|nvme-|wwn-0x)/, "");
  const nearest = luns
    .map((lun) => ({ wwid: lun.wwid, distance: distance(lun.wwid, bare) }))
    .filter((candidate) => candidate.distance <= Math.max(4, bare.length / 2))
    .sort((left, right) => left.distance - right.distance)
    .slice(0, 3);
  const fix = "type the WWID of a LUN that the hosts see, or map the LUN to them on the array";
  if (nearest.length === 0) return reason("NOT_FOUND", "no host sees a LUN of that name", fix);
  const names = nearest.map(({ wwid }) => wwid).join(", ");
  return reason("NOT_FOUND", `no host sees a LUN of that name; the nearest names: ${names}`, fix);
}
