import { diskNumbers } from "../san/devices.ts";
import { scsiHostOf, sessionOn } from "../san/iscsi.ts";
import { type Place, printed, type Result } from "../san/program.ts";
import type { SanLun, SanMap, SanPath } from "../san/san-state.ts";
import { portAddress, portOf } from "../san/target-ports.ts";
import { HOST_ADDRESS } from "./iscsi-sessions.ts";
import { binarySize, pathStates, topologyOf, treatmentOf } from "./map-topology.ts";
import { isBlacklisted } from "./multipath-conf.ts";

/** A path in the daemon's memory; `map` is null for an orphan. */
interface DaemonPath {
  readonly place: Place;
  readonly device: string;
  readonly hctl: string;
  readonly wwid: string;
  readonly sizeBytes: number;
  readonly state: SanPath["state"];
  /** null for the local disk. */
  readonly lun: SanLun | null;
  readonly map: SanMap | null;
  readonly priority: number;
}
interface DaemonMap {
  readonly place: Place;
  readonly map: SanMap;
  readonly lun: SanLun;
}
type Wildcards<T> = Readonly<Record<string, (of: T) => string>>;

const UNDEFINED = "[undef]";

/** Of `show paths format`, in multipath's order. */
const pathWildcards: Wildcards<DaemonPath> = {
  w: ({ wwid }) => wwid,
  i: ({ hctl }) => hctl,
  d: ({ device }) => device,
  D: ({ device }) => diskNumbers(device).join(":"),
  t: ({ map, state }) => (map ? pathStates[state][0] : "undef"),
  o: ({ map, state }) => (map ? pathStates[state][2] : "unknown"),
  T: ({ map, state }) => (map ? pathStates[state][1] : "undef"),
  s: ({ lun, place }) => (lun ? `${lun.vendor},${lun.product}` : `ATA,${place.host.localDisk.model}`),
  c: ({ lun }) => (lun ? treatmentOf(lun).checker : "tur"),
  C: ({ map }) => (map ? "XXXXXXXXXX 5/5" : "orphan"),
  p: ({ priority }) => String(priority),
  S: ({ sizeBytes }) => binarySize(sizeBytes),
  z: ({ lun, wwid, place }) => (lun ? wwid.slice(-8) : place.host.localDisk.serial),
  M: () => "normal",
  m: ({ map }) => map?.alias ?? "[orphan]",
  N: () => UNDEFINED,
  n: targetNodeName,
  R: () => UNDEFINED,
  r: () => UNDEFINED,
  a: hostAdapter,
  G: () => "--",
  g: () => UNDEFINED,
  "0": () => "0",
  P: ({ lun, hctl, place }) => `scsi:${lun ? transportOf(hctl, place) : "ata"}`,
};

/** Of `show maps format`. */
const mapWildcards: Wildcards<DaemonMap> = {
  n: ({ map }) => map.alias,
  w: ({ map }) => map.wwid,
  d: ({ map }) => `dm-${map.minor}`,
  F: ({ lun }) => treatmentOf(lun).failback,
  Q: (one) => (treatmentOf(one.lun).checker !== "rdac" ? "-" : activePaths(one) > 0 ? "30 chk" : "150 sec"),
  N: (one) => String(activePaths(one)),
  r: () => "rw",
  t: () => "active",
  S: ({ map }) => binarySize(map.sizeBytes),
  f: ({ lun }) => treatmentOf(lun).features,
  x: () => "0",
  h: ({ lun }) => treatmentOf(lun).handler,
  A: () => "",
  "0": () => "0",
  "1": () => "0",
  "2": () => "1",
  "3": () => "0",
  "4": () => "0",
  s: (one) => (hasPaths(one) ? `${one.lun.vendor},${one.lun.product}` : "##,##"),
  v: (one) => (hasPaths(one) ? one.lun.vendor : "##"),
  p: (one) => (hasPaths(one) ? one.lun.product : "##"),
  e: (one) => (hasPaths(one) ? one.lun.revision : "##"),
  G: () => "--",
  g: () => UNDEFINED,
};

const hasPaths = ({ map, place }: DaemonMap): boolean => topologyOf(map, place).paths.length > 0;
const activePaths = ({ map, place }: DaemonMap): number =>
  topologyOf(map, place).paths.filter(({ state }) => state === "running").length;

/** With iSCSI the target's name; with SAS the address of the array's port. */
function targetNodeName({ lun, hctl, place }: DaemonPath): string {
  if (lun === null) return UNDEFINED;
  const session = sessionOn(place.host, scsiHostOf(hctl));
  if (session) return session.target;
  const port = portOf(place.host, hctl);
  return place.host.transport === "sas" && port !== null ? portAddress(port) : UNDEFINED;
}

function hostAdapter({ hctl, place }: DaemonPath): string {
  return sessionOn(place.host, scsiHostOf(hctl)) ? HOST_ADDRESS : `0000:00:0${scsiHostOf(hctl)}.0`;
}

const transportOf = (hctl: string, { host }: Place): string =>
  sessionOn(host, scsiHostOf(hctl)) ? "iscsi" : host.transport;

/**
 * `show paths raw format FORMAT`, `show maps raw format FORMAT`, `show maps json`, `show map NAME json`: what the daemon
 * has in its memory. null for any other request.
 */
export function shownByDaemon(words: readonly string[], place: Place): Result | null {
  const [what = "", first = "", second = "", format] = words;
  const isMaps = what === "maps" || what === "multipaths";
  if (first === "raw" && second === "format" && format !== undefined && words.length === 4) {
    if (what === "paths")
      return printed(
        pathsOf(place)
          .map((path) => formatted(format, path, pathWildcards))
          .join(""),
      );
    return isMaps
      ? printed(
          mapsOf(place)
            .map((map) => formatted(format, map, mapWildcards))
            .join(""),
        )
      : null;
  }
  if (isMaps && first === "json" && words.length === 2) return printed(mapsJson(mapsOf(place)));
  if (["map", "multipath"].includes(what) && second === "json" && words.length === 3) {
    const map = mapsOf(place).find(({ map: { alias, wwid, minor } }) => [alias, wwid, `dm-${minor}`].includes(first));
    return map ? printed(`${jsonHead}   "map":${mapJson(map)}\n}\n`) : null;
  }
  return null;
}

/** An unknown wildcard prints nothing. */
const formatted = <T>(format: string, of: T, wildcards: Wildcards<T>): string =>
  `${format.replaceAll(/%(.)/gs, (_all, name: string) => wildcards[name]?.(of) ?? "")}\n`;

const mapsOf = (place: Place): DaemonMap[] =>
  place.host.maps.toSorted((a, b) => a.minor - b.minor).map((map) => ({ place, map, lun: place.san.lun(map.wwid) }));

/**
 * Every disk that is not blacklisted and was not deleted, in the kernel's order; one without a map is an orphan.
 */
function pathsOf(place: Place): DaemonPath[] {
  const { host } = place;
  const { device, hctl, model, serial, sizeBytes } = host.localDisk;
  const deleted = new Set(host.maps.flatMap((map) => map.deleted));
  const local = { place, device, hctl, wwid: `${model}_${serial}`.replaceAll(" ", "_"), sizeBytes };
  const disks: DaemonPath[] = [
    { ...local, state: "running", lun: null, map: null, priority: -1 },
    ...host.paths.flatMap(({ device, ...path }): DaemonPath[] =>
      device === null || deleted.has(device) ? [] : [daemonPath(place, { ...path, device }, device)],
    ),
  ];
  return disks
    .filter(({ device: devnode, wwid }) => !isBlacklisted(host.multipathSettings, { devnode, wwid }))
    .sort((a, b) => kernelOrder(a) - kernelOrder(b));
}

const kernelOrder = ({ device }: DaemonPath): number => {
  const [major, minor] = diskNumbers(device);
  return major * 2 ** 20 + minor;
};

function daemonPath(place: Place, { wwid, hctl, sizeBytes, state }: SanPath, device: string): DaemonPath {
  const own = place.host.maps.find((one) => one.wwid === wwid);
  const map = own?.leftOut.includes(device) ? null : (own ?? null);
  return {
    place,
    device,
    hctl,
    wwid,
    sizeBytes,
    state,
    lun: place.san.lun(wwid),
    map,
    priority: priorityOf(place, map, device),
  };
}

function priorityOf(place: Place, map: SanMap | null, device: string): number {
  if (map === null) return -1;
  return topologyOf(map, place).groups.find(({ paths }) => paths.some((path) => path.device === device))?.priority ?? 0;
}

const jsonHead = '{\n   "major_version": 0,\n   "minor_version": 1,\n';

const mapsJson = (maps: readonly DaemonMap[]): string => `${jsonHead}   "maps": [${maps.map(mapJson).join(",")}]\n}\n`;

const mapFormat = `{
      "name" : "%n",
      "uuid" : "%w",
      "sysfs" : "%d",
      "failback" : "%F",
      "queueing" : "%Q",
      "paths" : %N,
      "write_prot" : "%r",
      "dm_st" : "%t",
      "features" : "%f",
      "hwhandler" : "%h",
      "action" : "%A",
      "path_faults" : %0,
      "vend" : "%v",
      "prod" : "%p",
      "rev" : "%e",
      "switch_grp" : %1,
      "map_loads" : %2,
      "total_q_time" : %3,
      "q_timeouts" : %4,`;

const pathFormat = `{
            "dev" : "%d",
            "dev_t" : "%D",
            "dm_st" : "%t",
            "dev_st" : "%o",
            "chk_st" : "%T",
            "checker" : "%c",
            "pri" : %p,
            "host_wwnn" : "%N",
            "target_wwnn" : "%n",
            "host_wwpn" : "%R",
            "target_wwpn" : "%r",
            "host_adapter" : "%a",
            "marginal_st" : "%M"`;

/** multipath's own indentation. It escapes nothing. */
function mapJson(one: DaemonMap): string {
  const groups = topologyOf(one.map, one.place).groups.map(({ paths, priority, status }, index) => {
    const shown = paths.map((path) => {
      const text = formatted(pathFormat, daemonPath(one.place, path, path.device ?? "-"), pathWildcards);
      return `${text}         }`;
    });
    const head = `{
         "selector" : "service-time 0",
         "pri" : ${priority},
         "dm_st" : "${status}",
         "marginal_st" : "normal",
         "group" : ${index + 1},
`;
    return `${head}         "paths": [${shown.join(",")}]\n      }`;
  });
  return `${formatted(mapFormat, one, mapWildcards)}      "path_groups": [${groups.join(",")}]\n   }`;
}
