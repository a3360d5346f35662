import { z } from "zod";
import type { HostCommand, ReadCommand } from "../core/host-command.ts";
import { REPORT } from "../core/limits.ts";
import type { Note } from "../core/not-understood.ts";
import { inParts, ofList } from "../core/parts.ts";
import type { Allocation } from "../core/storage.ts";
import { rowOf } from "./json-report.ts";
import { report, rowsOf, text } from "./lvm-report.ts";

/** Of which physical volumes logical volumes may take more extents. */
export const listAllocations: ReadCommand<Allocation[]> = {
  effect: "read",
  argv: report("pvs", "pv_uuid,vg_name,pv_allocatable"),
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) => rowsOf("pvs", "pv", stdout, (row) => [allocation(row)], note)),
};

const allocationSchema = z.object({
  pv_uuid: z.string().min(1),
  vg_name: text,
  // With report/binary_values_as_numeric in LVM's settings it is a figure.
  pv_allocatable: z.enum(["allocatable", "", "1", "0"]),
});

function allocation(row: unknown): Allocation {
  const { pv_uuid, vg_name, pv_allocatable } = rowOf("pvs", allocationSchema, row);
  return {
    uuid: pv_uuid,
    volumeGroup: vg_name,
    allocatable: pv_allocatable === "allocatable" || pv_allocatable === "1",
  };
}

/**
 * Lets, or no longer lets, logical volumes take extents of these physical volumes: new ones, and those that grow. What
 * has its extents keeps them.
 */
export const setAllocatable = (allocatable: boolean, devices: readonly string[]): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["pvchange", "--allocatable", allocatable ? "y" : "n", "--", ...devices],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
});
