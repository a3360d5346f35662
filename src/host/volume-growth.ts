import { z } from "zod";
import type { Destruction, HostCommand, ReadCommand } from "../core/host-command.ts";
import { REPORT } from "../core/limits.ts";
import type { Note } from "../core/not-understood.ts";
import { inParts, ofList } from "../core/parts.ts";
import { rowOf } from "./json-report.ts";
import { AS_SET, count, report, rowsOf, text } from "./lvm-report.ts";

/** A physical volume of a volume group, and how much of its disk it takes. */
export interface VolumeSpan {
  /** As LVM names it: `/dev/mapper/mpatha`. */
  readonly device: string;
  readonly volumeGroup: string;
  readonly sizeBytes: number;
  /** Where its first extent begins, behind LVM's metadata. */
  readonly dataStartBytes: number;
  readonly extentBytes: number;
}

const SPAN_FIELDS = "pv_name,vg_name,pv_size,pe_start,vg_extent_size";

export const listVolumeSpans: ReadCommand<VolumeSpan[]> = {
  effect: "read",
  argv: report("pvs", SPAN_FIELDS),
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) => rowsOf("pvs", "pv", stdout, volumeSpan, note)),
};

/** Those that LVM can work with as it is set on the host. */
export const listUsableVolumeSpans = { ...listVolumeSpans, argv: report("pvs", SPAN_FIELDS, AS_SET) };

const spanSchema = z.object({
  pv_name: z.string().min(1),
  vg_name: text,
  pv_size: count,
  pe_start: count,
  /** Nothing or 0 for an orphan. */
  vg_extent_size: z.union([count, z.literal("").transform(() => 0)]),
});

/** An orphan spans nothing. */
function volumeSpan(row: unknown): VolumeSpan[] {
  const { pv_name, vg_name, pv_size, pe_start, vg_extent_size } = rowOf("pvs", spanSchema, row);
  if (vg_name === null) return [];
  return [
    {
      device: pv_name,
      volumeGroup: vg_name,
      sizeBytes: pv_size,
      dataStartBytes: pe_start,
      extentBytes: vg_extent_size,
    },
  ];
}

export interface ExtendedGroup {
  readonly name: string;
  readonly metadataSizeMiB: number;
  readonly device: string;
}

/** Without --yes and with empty input: LVM asks before it overwrites a signature, and takes that for no. */
export const extendVolumeGroup = (group: ExtendedGroup): Destruction<null, "LUN"> => ({
  effect: "destroy",
  loses: "LUN",
  argv: ["vgextend", "--metadatasize", `${group.metadataSizeMiB}m`, group.name, group.device],
  timeoutMs: 180_000,
  exitCodes: [0],
  parse: () => null,
});

/** The physical volume takes all of its disk; one that does already stays as it is. */
export const growPhysicalVolume = (device: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["pvresize", "--", device],
  timeoutMs: 120_000,
  exitCodes: [0],
  parse: () => null,
});
