import type { Place } from "../san/program.ts";

/**
 * Writes `/sys/block/sdX/device/rescan`, `…/delete` or `…/state`. null if the path is another file; "" if the attribute
 * took the text; else the kernel's message.
 */
export function writeDiskAttribute(file: string, input: string, { san, host, root }: Place): string | null {
  const [, disk, attribute] = /^\/sys\/block\/(sd[a-z]+)\/device\/(rescan|delete|state)$/.exec(file) ?? [];
  if (disk === undefined) return null;
  const path = host.paths.find((one) => one.device === disk);
  if (path === undefined)
    return disk === host.localDisk.device ? "Device or resource busy" : "No such file or directory";
  if (!root) return "Permission denied";
  if (attribute === "state") {
    if (input.trim() !== "running" && input.trim() !== "offline") return "Invalid argument";
    if (path.state === "offline" || input.trim() === "offline")
      path.state = input.trim() === "offline" ? "offline" : "running";
  } else if (attribute === "rescan") {
    // A path that does not answer keeps the size that the kernel has of it.
    if (path.state === "running") path.sizeBytes = san.lun(path.wwid).sizeBytes;
    // That no such LUN is there is an answer: the kernel takes the disk for empty.
    if (path.state === "unmapped") path.sizeBytes = 0;
  } else if (path.state === "unmapped") {
    host.paths = host.paths.filter((one) => one !== path);
  } else {
    path.device = null;
  }
  san.changed();
  return "";
}
