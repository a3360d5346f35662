import type { Host, PrimaryStorage } from "../core/inventory.ts";
import { formatBytes } from "../storage/size.ts";
import type { Element } from "./cause.ts";
import { finding } from "./found.ts";
import { togetherIn } from "./grown-cause.ts";
import { lunText } from "./incident-text.ts";
import type { WatchedPath } from "./sample.ts";

interface SizedLun {
  readonly wwid: string;
  readonly storage: PrimaryStorage | null;
  readonly arrays: Iterable<string>;
}

/**
 * Paths of one LUN that work and show different sizes. A rescan reads one path after another, so this must last. What is
 * written behind the smallest size fails on its path. null: they agree.
 */
export function pathSizesElement(host: Host, lun: SizedLun, seen: readonly WatchedPath[]): Element | null {
  const bySize = new Map<number, string[]>();
  for (const { works, sizeBytes, device } of seen)
    if (works && sizeBytes) bySize.set(sizeBytes, [...(bySize.get(sizeBytes) ?? []), device]);
  if (bySize.size < 2) return null;
  const sizes = [...bySize].sort(([a], [b]) => a - b);
  // Rounded sizes may be the same text.
  const isRough = new Set(sizes.map(([bytes]) => formatBytes(bytes))).size < sizes.length;
  const each = sizes.map(([bytes, devices]) => {
    const size = isRough ? `${bytes} B` : formatBytes(bytes);
    return `${size} (${devices.sort().join(", ")})`;
  });
  const { wwid, storage, arrays } = lun;
  const text = `paths of ${lunText(wwid)} on ${host.name} show different sizes: ${each.join(", ")}`;
  return {
    findings: [finding(host, "size differs between paths", `${host.uuid} ${wwid}`, text, { storage, wwid })],
    scopes: [
      { kind: "LUN on a host", id: `sizes ${wwid} ${host.uuid}` },
      { kind: "LUN", id: `sizes ${wwid}` },
      ...[...arrays].map((array) => togetherIn(array, "differing")),
    ],
  };
}
