import { isOverIscsi } from "./iscsi.ts";
import type { SanHost } from "./san-state.ts";

/** The SAS ports of the array, which every host sees as a target of its own number. */

const PREFIX = "0x590b11c0463f8e";

/** The SAS address of the port with this target number: `0x590b11c0463f8e01`. */
export const portAddress = (target: number): string => `${PREFIX}${target.toString(16).padStart(2, "0")}`;

export const targetNumberOf = (hctl: string): number => Number(hctl.split(":")[2]);

/** The array's port that a path goes to; null over iSCSI. */
export const portOf = (host: SanHost, hctl: string): string | null =>
  isOverIscsi(host, hctl) ? null : portAddress(targetNumberOf(hctl));
