import { check } from "../../core/check.ts";
import type { Step } from "../../core/step.ts";
import { removePhysicalVolume } from "../../host/lvm.ts";
import { listSignatures } from "../../host/wipefs.ts";
import { orphanGuard } from "../checks/deletion-guards.ts";
import type { AskedHosts } from "../observe/candidate.ts";
import { devicePath, type Lun, type LunOnHost } from "../observe/lun.ts";

/** A label of ours on a LUN that is in no volume group. */
export interface OrphanedLabel {
  /** As every host saw it for the plan. */
  readonly lun: Lun;
  /** The LUN as the working host sees it. */
  readonly on: LunOnHost;
  /** UUID of the physical volume. */
  readonly labelUuid: string;
}

/** Removes the label. All hosts that were asked for the plan are asked again directly before. */
export function labelSteps({ lun, on, labelUuid }: OrphanedLabel, asked: AskedHosts): Step[] {
  const { host } = on;
  const device = devicePath(lun.wwid, on);
  const guard = orphanGuard(host, asked, lun, labelUuid);
  return [
    { host, command: removePhysicalVolume(device), guard, why: `removes the label ${labelUuid} from ${lun.wwid}` },
    { host, check: hasNoLabel(device, lun.wwid), why: "proves that it is gone" },
  ];
}

function hasNoLabel(device: string, wwid: string) {
  return check(listSignatures(device), (signatures) =>
    signatures.some(({ type }) => type === "LVM2_member") ? `still reads an LVM label on ${wwid}` : null,
  );
}
