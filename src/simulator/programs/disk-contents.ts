import type { Device } from "../san/devices.ts";
import { isReadable, viewOf } from "../san/host-view.ts";
import type { Place } from "../san/program.ts";
import type { Content } from "../san/san-state.ts";

/** What a program finds when it opens a device to read what is on it. */
type Opened = { readonly device: Device; readonly content: Content | null } | { readonly error: string };

/** `content` is null if the device is not a complete LUN (a partition, a local disk, a logical volume). */
export function openDevice(path: string, { san, host, root }: Place): Opened {
  const device = viewOf(san, host).find(path);
  if (!device) return { error: "No such file or directory" };
  if (!root) return { error: "Permission denied" };
  if (!isReadable(host, device))
    return {
      error:
        device.path?.state === "failed" || device.path?.state === "unmapped"
          ? "Input/output error"
          : "No such device or address",
    };
  return { device, content: device.wwid === null ? null : san.lun(device.wwid).content };
}
