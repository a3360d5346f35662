import type { HostCommand } from "../../../src/core/host-command.ts";

/** The commands of one family of tools. Those that change a host have their argument lists. */
export interface Family {
  readonly reads: readonly HostCommand<unknown>[];
  readonly changes: readonly Built[];
  readonly destroying: readonly Built[];
}
export type Built = readonly [command: HostCommand<unknown>, argv: string];

export const WWID = "36b083fe000daf018000015505abbe00a";
export const DEVICE = `/dev/disk/by-id/dm-uuid-mpath-${WWID}`;
/** Of a volume group. */
export const GROUP = "7c9e";
