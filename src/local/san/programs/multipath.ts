import { type Device, majorMinorText } from "../devices.ts";
import { viewOf } from "../host-view.ts";
import { readOptions } from "../options.ts";
import { complained, type Place, type Program, printed } from "../program.ts";
import { nextMinor } from "../san.ts";
import type { SanMap, SanPath } from "../san-state.ts";

const usage = `multipath-tools v0.9.4 (12/19, 2022)
Usage:
  multipath [-v level] [-B|-d|-i|-q|-r] [-b file] [-p policy] [device]
  multipath [-v level] [-R retries] -f device
  multipath [-v level] [-R retries] -F
  multipath [-v level] [-l|-ll] [device]
`;

/** `multipath -ll [MAP]` lists; `-f MAP` flushes a map that nothing uses; without options it assembles what is missing. */
export const multipath: Program = (args, place) => {
  const options = readOptions(args, { l: "flag", f: "value" });
  if (options.complaint !== null) return printed(`Unknown switch: (null)\n${usage}`, 1);
  if (!place.root) return complained("need to be root\n");
  const flushed = options.given.get("f");
  if (flushed !== undefined) return flush(flushed, place);
  if (!options.given.has("l")) {
    assembleMaps(place);
    return printed("");
  }
  const [wanted] = options.operands;
  const maps = place.host.maps
    .filter((map) => wanted === undefined || [map.alias, map.wwid, `/dev/mapper/${map.alias}`].includes(wanted))
    .toSorted((a, b) => a.minor - b.minor);
  return printed(maps.map((map) => showMap(map, place)).join(""));
};

function showMap(map: SanMap, place: Place): string {
  const lun = place.san.lun(map.wwid);
  const view = viewOf(place.san, place.host);
  const paths = place.host.paths.filter((path) => path.wwid === map.wwid && path.device !== null);
  const rdac = lun.vendor === "DELL";
  const name = map.alias === map.wwid ? map.wwid : `${map.alias} (${map.wwid})`;
  const hardware = paths.length > 0 ? `${lun.vendor},${lun.product}` : "##,##";
  const features = rdac ? "3 queue_if_no_path pg_init_retries 50" : "0";
  const handler = rdac ? "1 rdac" : "0";
  const head = `${name} dm-${map.minor} ${hardware}\nsize=${binarySize(map.sizeBytes)} features='${features}' hwhandler='${handler}' wp=rw\n`;
  const rows = paths.map((path) => ({ path, words: pathWords(path, view.byKernelName.get(path.device ?? "")) }));
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map(({ words }) => words[column]?.length ?? 0)));
  // Two controllers own the targets alternately; the owner's paths are the preferred group.
  const groups = [0, 1].flatMap((controller) => {
    const own = rows.filter(({ path }) => targetOf(path) % 2 === controller);
    const usable = own.some(({ path }) => path.state === "running");
    return own.length > 0 ? [{ own, usable, priority: usable ? (rdac ? 14 - controller * 5 : 1) : 0 }] : [];
  });
  const active = groups.findIndex(({ usable }) => usable);
  const text = groups.map(({ own, priority }, index) => {
    const last = index === groups.length - 1;
    const lines = own.map(({ words }, position) => {
      const columns = words.map((word, column) => word.padEnd(widths[column] ?? 0)).join(" ");
      return `${last ? " " : "|"} ${position === own.length - 1 ? "`-" : "|-"} ${columns.trimEnd()}\n`;
    });
    const status = index === active ? "active" : "enabled";
    return `${last ? "`-" : "|-"}+- policy='service-time 0' prio=${priority} status=${status}\n${lines.join("")}`;
  });
  return head + text.join("");
}

const pathStates = {
  running: ["active", "ready", "running"],
  failed: ["failed", "faulty", "running"],
  offline: ["failed", "faulty", "offline"],
} as const;

const pathWords = (path: SanPath, device: Device | undefined): string[] => [
  path.hctl,
  path.device ?? "",
  device ? majorMinorText(device) : "",
  ...pathStates[path.state],
];

const targetOf = (path: SanPath): number => Number(path.hctl.split(":")[2]);

/** As multipath rounds: `2.0T`, `20G`, one decimal below ten. */
function binarySize(bytes: number): string {
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1024 && unit < 4) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : String(Math.floor(size))}${"KMGTP".charAt(unit)}`;
}

function flush(name: string, place: Place) {
  const map = place.host.maps.find((one) => one.alias === name || one.wwid === name);
  if (!map) return printed("");
  const device = viewOf(place.san, place.host).byKernelName.get(`dm-${map.minor}`);
  if (device && (device.mountPoint !== null || device.children.length > 0)) {
    return complained(`${map.alias}: map in use\n`);
  }
  place.host.maps = place.host.maps.filter((one) => one !== map);
  place.san.changed();
  return printed("");
}

/** What multipathd does when paths appear (`find_multipaths yes`): a LUN with two paths or more becomes a map. */
export function assembleMaps({ san, host }: Pick<Place, "san" | "host">): void {
  const paths = host.paths.filter((path) => path.device !== null);
  for (const wwid of new Set(paths.map((path) => path.wwid))) {
    const own = paths.filter((path) => path.wwid === wwid);
    if (own.length < 2 || host.maps.some((map) => map.wwid === wwid)) continue;
    host.maps.push({ wwid, alias: nextAlias(host.maps), minor: nextMinor(host), sizeBytes: own[0]?.sizeBytes ?? 0 });
    san.changed();
  }
}

function nextAlias(maps: readonly SanMap[]): string {
  const taken = new Set(maps.map((map) => map.alias));
  for (let index = 0; ; index += 1) {
    const alias = `mpath${mapLetters(index)}`;
    if (!taken.has(alias)) return alias;
  }
}

function mapLetters(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : mapLetters(Math.floor(index / 26) - 1) + letter;
}
