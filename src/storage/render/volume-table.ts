import type { Part } from "../../core/reply.ts";
import type { Volume, VolumesLook } from "../observe/volumes.ts";
import { formatBytes } from "../size.ts";

/** A logical volume on one line: where its device is, how often it is open there, and who holds its lock. */
export const volumeTable = (volumes: readonly Volume[], caption?: string): Part => ({
  kind: "table",
  compared: true,
  ...(caption === undefined ? {} : { caption }),
  columns: ["volume", "size", "active on", "locked by", "tags"],
  rows: volumes.map((volume) => [
    volume.name,
    formatBytes(volume.sizeBytes),
    volume.activeOn.map(({ host, openCount }) => `${host.name}${openOf(openCount)}`).join(", ") || "nowhere",
    volume.lockedBy.map(({ host, mode }) => `${host.name} (${mode})`).join(", ") || "nobody",
    volume.tags.join(", ") || "none",
  ]),
});

const openOf = (openCount: number): string => (openCount === 0 ? "" : ` (open ${openCount} ×)`);

/**
 * What is wrong with how volumes are in use: a lock that protects nothing, or a device that nothing protects. A host
 * with problems may have what it could not tell.
 */
export function volumeOddities(volumes: readonly Volume[], hosts: VolumesLook["hosts"]): string[] {
  const unread = new Set(hosts.filter(({ problems }) => problems.length > 0).map(({ host }) => host));
  return volumes.flatMap(({ name, activeOn, lockedBy }) => {
    const active = new Set(activeOn.map(({ host }) => host));
    const locked = new Set(lockedBy.map(({ host }) => host));
    return [
      ...[...active]
        .filter((host) => !locked.has(host) && !unread.has(host))
        .map(
          (host) => `${name} is active on ${host.name}, which holds no lock on it: another host may activate it too`,
        ),
      ...[...locked]
        .filter((host) => !active.has(host) && !unread.has(host))
        .map((host) => `${name} is locked by ${host.name}, where it is not active: no other host can activate it`),
    ];
  });
}
