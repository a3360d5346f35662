import { asking } from "../../core/asking.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import type { Step } from "../../core/plan.ts";
import { removePhysicalVolume } from "../../host/lvm-removal.ts";
import { listSignatures } from "../../host/signatures.ts";
import { devicePath, type Lun, type LunOnHost } from "../looks/lun.ts";
import { orphanGuard } from "./deletion-guards.ts";

/** A label of ours on a LUN that is in no volume group. */
export interface LooseLabel {
  readonly lun: Lun;
  /** The LUN as the host that works sees it. */
  readonly on: LunOnHost;
  /** UUID of the physical volume. */
  readonly labelUuid: string;
}

/** Takes it off; `watchers` are asked immediately before whether they use the LUN. */
export function labelSteps({ lun, on, labelUuid }: LooseLabel, watchers: readonly Host[]): Step[] {
  const { host } = on;
  const device = devicePath(lun.wwid, on);
  const guard = orphanGuard(host, watchers, lun, labelUuid);
  return [
    { host, command: removePhysicalVolume(device), guard, why: `takes the label ${labelUuid} off ${lun.wwid}` },
    { host, check: bearsNoLabel(device, lun.wwid), why: "proves that it is gone" },
  ];
}

function bearsNoLabel(device: string, wwid: string): ReadCommand<string | null> {
  return asking(listSignatures(device), (signatures) =>
    signatures.some(({ type }) => type === "LVM2_member") ? `still reads an LVM label on ${wwid}` : null,
  );
}
