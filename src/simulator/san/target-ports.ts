import { isAnswered, isOverIscsi, scsiHostOf, sessionOn } from "./iscsi.ts";
import type { San } from "./san.ts";
import type { SanHost } from "./san-state.ts";

/** The SAS ports of the array. Every host sees them as targets of the same numbers. */

const PREFIX = "0x590b11c0463f8e";

/** The SAS address of the port with this target number: `0x590b11c0463f8e01`. */
export const portAddress = (target: number): string => `${PREFIX}${target.toString(16).padStart(2, "0")}`;

const targetNumberOf = (hctl: string): number => Number(hctl.split(":")[2]);

/** The target number of the SAS port that a path goes to; null over iSCSI. */
export const portOf = (host: SanHost, hctl: string): number | null =>
  isOverIscsi(host, hctl) ? null : targetNumberOf(hctl);

/** Target numbers of all SAS ports that a host has a path to. */
export function portsOf({ state }: San): number[] {
  const all = state.hosts.flatMap((host) => host.paths.flatMap(({ hctl }) => portOf(host, hctl) ?? []));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Whether the array's port or the portal that a path goes to works. */
export function reachesArray(san: San, host: SanHost, hctl: string): boolean {
  const session = sessionOn(host, scsiHostOf(hctl));
  return session ? isAnswered(san, session) : !san.state.failedPorts.includes(targetNumberOf(hctl));
}
