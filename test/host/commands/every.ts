import { fallbackCommand } from "../../../src/core/host-command.ts";
import { disks } from "./disks.ts";
import type { Family } from "./family.ts";
import { iscsi } from "./iscsi.ts";
import { locks } from "./locks.ts";
import { lvm } from "./lvm.ts";
import { multipath } from "./multipath.ts";
import { signatures } from "./signatures.ts";
import { system } from "./system.ts";
import { vms } from "./vms.ts";

export const families: Readonly<Record<string, Family>> = {
  disks,
  iscsi,
  locks,
  lvm,
  vms,
  multipath,
  signatures,
  system,
};
const all = Object.values(families);

export const READS = all.flatMap(({ reads }) => reads);
/** The fallbacks for hosts with old programs. */
export const OLDER = READS.flatMap((command) => fallbackCommand(command) ?? []);
export const CHANGES = all.flatMap(({ changes }) => changes.map(([command]) => command));
export const DESTROYING = all.flatMap(({ destroying }) => destroying.map(([command]) => command));
