import { type Device, majorMinorText } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed } from "../san/program.ts";
import { nextMinor } from "../san/san.ts";
import type { SanMap, SanPath } from "../san/san-state.ts";
import { probeAgain } from "../san/udev-memory.ts";
import { binarySize, pathStates, topologyOf, treatmentOf } from "./map-topology.ts";
import { complaintOfConf, isBlacklisted, isFriendly, readMultipathConf, shownConfig } from "./multipath-conf.ts";
import { isNoted, noteWwid } from "./wwids-file.ts";

const usage = `multipath-tools v0.9.4 (12/19, 2022)
Usage:
  multipath [-v level] [-B|-d|-i|-q|-r] [-b file] [-p policy] [device]
  multipath [-v level] [-R retries] -f device
  multipath [-v level] [-R retries] -F
  multipath [-v level] [-l|-ll] [device]
`;

/** `multipath -ll [MAP]` lists; `-f MAP` flushes a map that nothing uses; `-a WWID` notes a LUN as one for a map; `-t` prints what its files say; without options it assembles what is missing. */
export const multipath: Program = (args, place) => {
  const options = readOptions(args, { l: "flag", f: "value", a: "flag", t: "flag" });
  if (options.complaint !== null) return printed(`Unknown switch: (null)\n${usage}`, 1);
  if (!place.root) return complained("need to be root\n");
  const complaint = complaintOfConf(place.host);
  if (complaint !== null) return complained(complaint);
  if (options.given.has("t")) return printed(shownConfig(readMultipathConf(place.host)));
  const flushed = options.given.get("f");
  if (flushed !== undefined) return flush(flushed, place);
  if (options.given.has("a")) return note(options.operands[0], place);
  if (!options.given.has("l")) {
    assembleMaps(place, readMultipathConf(place.host));
    return printed("");
  }
  if (!place.host.modules.includes("dm_multipath")) return complained("DM multipath kernel driver not loaded\n");
  const [wanted] = options.operands;
  const maps = place.host.maps
    .filter((map) => wanted === undefined || [map.alias, map.wwid, `/dev/mapper/${map.alias}`].includes(wanted))
    .toSorted((a, b) => a.minor - b.minor);
  return printed(maps.map((map) => showMap(map, place)).join(""));
};

function showMap(map: SanMap, place: Place): string {
  const lun = place.san.lun(map.wwid);
  const view = viewOf(place.san, place.host);
  const { groups, paths } = topologyOf(map, place);
  const { features, handler } = treatmentOf(lun);
  const name = map.alias === map.wwid ? map.wwid : `${map.alias} (${map.wwid})`;
  const hardware = paths.length > 0 ? `${lun.vendor},${lun.product}` : "##,##";
  const head = `${name} dm-${map.minor} ${hardware}\nsize=${binarySize(map.sizeBytes)} features='${features}' hwhandler='${handler}' wp=rw\n`;
  const rows = paths.map((path) => ({ path, words: pathWords(path, view.byKernelName.get(path.device ?? "")) }));
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map(({ words }) => words[column]?.length ?? 0)));
  const text = groups.map((group, index) => {
    const last = index === groups.length - 1;
    const own = rows.filter(({ path }) => group.paths.includes(path));
    const lines = own.map(({ words }, position) => {
      const columns = words.map((word, column) => word.padEnd(widths[column] ?? 0)).join(" ");
      return `${last ? " " : "|"} ${position === own.length - 1 ? "`-" : "|-"} ${columns.trimEnd()}\n`;
    });
    const { priority, status } = group;
    return `${last ? "`-" : "|-"}+- policy='service-time 0' prio=${priority} status=${status}\n${lines.join("")}`;
  });
  return head + text.join("") + gonePaths(map);
}

/** If a path's disk is gone, multipath knows only that the kernel has the path in the map's table. */
const gonePaths = ({ gonePaths: count }: SanMap): string =>
  Array.from({ length: count }, (_path, index) => {
    const last = index === count - 1;
    const status = index === 0 ? "active" : "enabled";
    return `${last ? "`-" : "|-"}+- policy='service-time 0' prio=0 status=${status}\n${last ? " " : "|"} \`- #:#:#:# - #:# active undef unknown\n`;
  }).join("");

const pathWords = (path: SanPath, device: Device | undefined): string[] => [
  path.hctl,
  path.device ?? "",
  device ? majorMinorText(device) : "",
  ...pathStates[path.state],
];

function note(wwid: string | undefined, place: Place) {
  if (wwid === undefined) return printed(usage, 1);
  // A device's path is not simulated; a name of any other kind is taken for a WWID.
  if (wwid.includes("/")) return complained(`'${wwid}' is not a valid argument\n`);
  noteWwid(place, wwid);
  return printed(`wwid '${wwid}' added\n`);
}

function flush(name: string, place: Place) {
  const map = place.host.maps.find((one) => one.alias === name || one.wwid === name);
  if (!map) return printed("");
  const device = viewOf(place.san, place.host).byKernelName.get(`dm-${map.minor}`);
  // Maps of partitions that nothing uses go with their disk's.
  const inUse = device?.children.some((child) => child.type !== "part" || child.mountPoint !== null);
  if (device && (device.mountPoint !== null || inUse)) {
    return complained(`${map.alias}: map in use\n`);
  }
  place.host.maps = place.host.maps.filter((one) => one !== map);
  place.san.changed();
  return printed("");
}

/** What multipathd does when paths appear, by the settings that it has read: with `yes` two paths make a map, or one of a LUN that is noted. */
export function assembleMaps({ san, host }: Pick<Place, "san" | "host">, settings = host.multipathSettings): void {
  const paths = host.paths.filter(
    ({ device, wwid }) => device !== null && !isBlacklisted(settings, { devnode: device, wwid }),
  );
  const fewest = fewestPaths[settings.findMultipaths];
  for (const wwid of new Set(paths.map((path) => path.wwid))) {
    const own = paths.filter((path) => path.wwid === wwid);
    const isWanted = own.length >= fewest || isNoted(host, wwid);
    const existing = host.maps.find((map) => map.wwid === wwid);
    if (existing && existing.leftOut.length > 0) {
      // A path that nothing uses is taken in again.
      existing.leftOut = [];
      existing.deleted = [];
      san.changed();
    }
    if (!isWanted || existing) continue;
    const alias = isFriendly(settings, san.lun(wwid)) ? nextAlias(host.maps) : wwid;
    const sizeBytes = own[0]?.sizeBytes ?? 0;
    host.maps.push({ wwid, alias, minor: nextMinor(host), sizeBytes, gonePaths: 0, leftOut: [], deleted: [] });
    probeAgain(san, host, wwid);
    san.changed();
  }
}

/** `strict` takes only what is noted. */
const fewestPaths = { no: 1, greedy: 1, smart: 1, yes: 2, strict: Number.POSITIVE_INFINITY } as const;

/**
 * multipathd reads its settings again: maps get the names that these give, also maps in use, and missing maps are made.
 */
export function reconfigure(place: Pick<Place, "san" | "host">): void {
  const { san, host } = place;
  host.multipathSettings = readMultipathConf(host);
  for (const map of host.maps) {
    if (!isFriendly(host.multipathSettings, san.lun(map.wwid))) map.alias = map.wwid;
    else if (map.alias === map.wwid) map.alias = nextAlias(host.maps);
  }
  san.changed();
  assembleMaps(place);
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
