import type { ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { throwUnlessVanished } from "./holders.ts";
import { linesOf } from "./lines.ts";

/** A second device file of a SCSI disk, by which a program reaches it past the block device: a guest's passthrough, tgt. */
export interface GenericDevice {
  /** `sg2` */
  readonly name: string;
  readonly hctl: string;
}

/** None where the kernel has no sg driver. */
export const listGenericDevices: ReadCommand<GenericDevice[]> = {
  effect: "read",
  argv: ["find", "/sys/class/scsi_generic", "-type", "l", "-printf", "%f\\t%l\\n"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: (output) => {
    throwUnlessVanished(output);
    return linesOf(output.stdout).flatMap(generic);
  },
};

/** `sg2	../../devices/pci0000:00/…/host2/target2:0:0/2:0:0:1/scsi_generic/sg2` */
function generic(line: string): GenericDevice[] {
  const [, name, hctl] = /^(sg\d+)\t.*\/(\d+:\d+:\d+:\d+)\/scsi_generic\/sg\d+$/.exec(line.trim()) ?? [];
  return name === undefined || hctl === undefined ? [] : [{ name, hctl }];
}
