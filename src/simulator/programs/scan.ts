import { offerOverSession } from "../san/iscsi.ts";
import { nextDiskName, type San } from "../san/san.ts";
import type { SanHost } from "../san/san-state.ts";
import { reachesArray } from "../san/target-ports.ts";
import { probeAgain } from "../san/udev-memory.ts";
import { assembleMaps } from "./multipath.ts";
import { isActive } from "./start-lockspace.ts";

/** The kernel finds what the array offers behind one SCSI host; multipathd makes maps of it. */
export function scanHost(san: San, host: SanHost, scsiHost: number): void {
  offerOverSession(san, host, scsiHost);
  for (const path of host.paths) {
    if (path.device !== null || !path.hctl.startsWith(`${scsiHost}:`) || !reachesArray(san, host, path.hctl)) continue;
    path.device = nextDiskName(host);
    path.sizeBytes = san.lun(path.wwid).sizeBytes;
    probeAgain(san, host, path.wwid);
    san.changed();
  }
  if (isActive(host, "multipathd.service")) assembleMaps({ san, host });
}
