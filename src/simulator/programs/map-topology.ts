import type { Place } from "../san/program.ts";
import type { SanLun, SanMap, SanPath } from "../san/san-state.ts";

interface PathGroup {
  readonly paths: readonly SanPath[];
  readonly priority: number;
  readonly status: "active" | "enabled";
}

/** The states of a path: of device mapper, of the path checker, and of the SCSI device. */
export const pathStates = {
  running: ["active", "ready", "running"],
  failed: ["failed", "faulty", "running"],
  offline: ["failed", "faulty", "offline"],
  unmapped: ["failed", "faulty", "running"],
} as const;

/** How multipath treats LUNs of a make. */
export const treatmentOf = ({ vendor }: SanLun) =>
  vendor === "DELL"
    ? { features: "3 queue_if_no_path pg_init_retries 50", handler: "1 rdac", checker: "rdac", failback: "immediate" }
    : { features: "0", handler: "0", checker: "tur", failback: "-" };

/** Two controllers own the targets alternately; the owner's paths are the preferred group. */
export function topologyOf(map: SanMap, { san, host }: Pick<Place, "san" | "host">) {
  const paths = host.paths.filter(
    ({ wwid, device }) => wwid === map.wwid && device !== null && !map.leftOut.includes(device),
  );
  const isRdac = treatmentOf(san.lun(map.wwid)).checker === "rdac";
  let hasActive = false;
  const groups = [0, 1].flatMap((controller): PathGroup[] => {
    const own = paths.filter((path) => targetOf(path) % 2 === controller);
    if (own.length === 0) return [];
    const usable = own.some(({ state }) => state === "running");
    const status = usable && !hasActive ? "active" : "enabled";
    hasActive ||= usable;
    return [{ paths: own, status, priority: usable ? (isRdac ? 14 - controller * 5 : 1) : 0 }];
  });
  return { paths, groups };
}

const targetOf = (path: SanPath): number => Number(path.hctl.split(":")[2]);

/** As multipath rounds: `2.0T`, `20G`, one decimal below ten. */
export function binarySize(bytes: number): string {
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1024 && unit < 4) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : String(Math.floor(size))}${"KMGTP".charAt(unit)}`;
}
