import type { Finding } from "../core/finding.ts";
import type { Known } from "./known.ts";

/**
 * What an operation of ours made a host show is what the host has from then on: the LUN is not new, its size is not
 * another one, and what the operation removed is not missed. `seen`: the keys of the paths that the host shows now. A LUN of
 * a storage is always missed.
 */
export function accepted(known: Known, { kind, wwid, storageUuid }: Finding, seen: ReadonlySet<string>): Known {
  const lun = wwid === null ? undefined : known.luns[wwid];
  if (wwid === null || lun === undefined) return known;
  if (kind === "LUN new")
    return {
      ...known,
      luns: { ...known.luns, [wwid]: { ...lun, firstSeenMs: Math.min(lun.firstSeenMs, known.sinceMs) } },
    };
  if (kind === "size changed") return { ...known, luns: { ...known.luns, [wwid]: { ...lun, resized: null } } };
  if (storageUuid !== null || !removes.includes(kind)) return known;
  const paths = Object.entries(known.paths).filter(([key, path]) => path.wwid !== wwid || seen.has(key));
  const isLeft = paths.some(([, path]) => path.wwid === wwid);
  const luns = Object.entries(known.luns).filter(([other]) => isLeft || other !== wwid);
  return { ...known, paths: Object.fromEntries(paths), luns: Object.fromEntries(luns) };
}

const removes: readonly Finding["kind"][] = [
  ...(["path failed", "map degraded", "map without paths", "LUN without map", "LUN gone"] as const),
];

/** Whether such a finding is no finding any more once it is accepted. */
export const canAccept = ({ kind, storageUuid }: Finding): boolean =>
  isChange({ kind }) || (storageUuid === null && removes.includes(kind));

/** Whether it is an end of its own, and not a state that passes: people read of it at once. */
export const isChange = ({ kind }: Pick<Finding, "kind">): boolean => kind === "LUN new" || kind === "size changed";
