import { OutputNotUnderstood } from "../core/host-command.ts";
import type { MultipathMap, Path } from "../core/storage.ts";
import { linesOf } from "./lines.ts";

/**
 * The topology that `multipath -ll` prints, since multipath-tools 0.4.9:
 *
 *     mpatha (36b083fe000daf018000015505abbe00a) dm-2 DELL    ,MD32xx
 *     size=2.2T features='3 queue_if_no_path pg_init_retries 50' hwhandler='1 rdac' wp=rw
 *     |-+- policy='round-robin 0' prio=14 status=active
 *     | `- 0:0:0:3 sdd 8:48  active ready running
 *     `-+- policy='round-robin 0' prio=9 status=enabled
 *       |- 0:0:1:3 sdg 8:96  failed faulty offline
 *       `- #:#:#:# -   #:#   active i/o pending running
 *
 * and before:
 *
 *     mpath1 (3600d0230003228bc000339414edb8101) dm-6 WINSYS,SF2372
 *     [size=1.9T][features=0][hwhandler=0][rw]
 *     \_ round-robin 0 [prio=50][active]
 *      \_ 1:0:0:1 sdb 8:16 [active][ready]
 *
 * Messages of the library may stand between the maps. A line that is none of these is passed over, but then nothing
 * may hang under it: a map whose name is not understood must not lend its paths to the map before.
 */
export function multipathMaps(stdout: string): MultipathMap[] {
  const maps: NewMap[] = [];
  let current: MapBeingRead | "not ours" | null = null;
  let strange: string | null = null;
  for (const line of linesOf(stdout)) {
    const part = linePart(line);
    if (part.kind === "message") continue;
    if (part.kind === "map") {
      current = { map: part.map, sized: false, groups: 0 };
      maps.push(part.map);
    } else if (part.kind === "not ours") {
      current = "not ours";
    } else if (part.kind === "strange") {
      strange = line;
      current = null;
    } else if (current === null) {
      throw new OutputNotUnderstood("multipath", strange ?? line, "a map's name, WWID and dm-N");
    } else if (current !== "not ours") {
      add(part, current, line);
    }
  }
  if (maps.length === 0 && strange !== null) throw new OutputNotUnderstood("multipath", strange, "a multipath map");
  return maps;
}

interface NewMap extends MultipathMap {
  sizeBytes: number | null;
  readonly paths: Path[];
}
interface MapBeingRead {
  readonly map: NewMap;
  sized: boolean;
  groups: number;
}
type Below =
  | { readonly kind: "size"; readonly sizeBytes: number | null }
  | { readonly kind: "group" }
  /** `text`: what stands behind the branch. */
  | { readonly kind: "path"; readonly text: string };
type LinePart =
  | { readonly kind: "map"; readonly map: NewMap }
  | { readonly kind: "not ours" }
  | { readonly kind: "message" }
  | { readonly kind: "strange" }
  | Below;

function add(part: Below, being: MapBeingRead, line: string): void {
  if (part.kind === "group") being.groups += 1;
  else if (part.kind === "path") being.map.paths.push(path(part.text, Math.max(being.groups - 1, 0), line));
  else if (being.sized) throw new OutputNotUnderstood("multipath", line, "a map's name before its size");
  else {
    being.sized = true;
    being.map.sizeBytes = part.sizeBytes;
  }
}

/** `Jan 01 00:00:00 | …` and, where the clock is monotonic, `1113.589513 | …`. */
const LOGGED = /^(?:[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d|\d+\.\d+) \| /;
/** `sdb: checker msg is "tur checker reports path is down"`, `error calling out /sbin/scsi_id …`. */
const MESSAGE = /^(?:\S+: |error |DM multipath |\/etc\/multipath)/;
/** A map of another multipath library, NVMe's own: not device-mapper's. `uuid.fedc… [nvme]:nvme4n9 NVMe,…` */
const FOREIGN = /\S \[\w+\]:\S+ /;
/** What multipath would do, or won't: `reject: mpatha (3600…) undef DELL,MD32xx`. Without dm-N there is no such map. */
const ACTION = /^(?:create|reload|reject|rename|resize|switchpg|undef): ?/;
const BRANCH = /^(?:[ |`]*[|`]-(\+-)?|\s*(\\_)) */;

function linePart(line: string): LinePart {
  const branch = BRANCH.exec(line);
  if (branch !== null) return branchPart(line.slice(branch[0].length), branch[1] ?? branch[2]);
  if (line.trim() === "" || LOGGED.test(line)) return { kind: "message" };
  const size = /^\[?size=([^\s\]]*)(?: ([KMGTPE])B\])?/.exec(line);
  if (size !== null) return { kind: "size", sizeBytes: bytes(`${size[1]}${size[2] ?? ""}`) };
  if (FOREIGN.test(line)) return { kind: "not ours" };
  const action = ACTION.exec(line)?.[0] ?? "";
  const map = mapName(line.slice(action.length));
  if (map !== null) return { kind: "map", map };
  if (action !== "") return { kind: "not ours" };
  return MESSAGE.test(line) ? { kind: "message" } : { kind: "strange" };
}

/** Only groups have `-+-`; the old form marks both alike. */
function branchPart(text: string, mark: string | undefined): Below {
  if (mark === "+-" || (mark !== undefined && !/^[\d#-]+:/.test(text))) return { kind: "group" };
  return { kind: "path", text };
}

/** `mpatha (3600…) dm-2 DELL    ,MD32xx i`, `3600… dm-2 ##,##`; RHEL 5 has no blank after a bare WWID: `3600…dm-2 HP,X`. */
function mapName(line: string): NewMap | null {
  const place = / (dm-\d+)(?=\s|$)/.exec(line) ?? /(dm-\d+)(?=\s|$)/.exec(line);
  if (place?.[1] === undefined) return null;
  const name = line.slice(0, place.index);
  const identity = line.slice(place.index + place[0].length);
  if (identity.trim() !== "" && !identity.includes(",")) return null;
  const open = name.endsWith(")") ? name.lastIndexOf(" (") : -1;
  if (open < 1 && !/^[A-Za-z0-9][\w.:+-]{7,}$/.test(name)) return null;
  const comma = identity.indexOf(",");
  return {
    wwid: open < 1 ? name : name.slice(open + 2, -1),
    alias: open < 1 ? null : name.slice(0, open),
    dmName: place[1],
    vendor: known(identity.slice(0, Math.max(comma, 0))),
    product: known(comma < 0 ? "" : identity.slice(comma + 1)),
    sizeBytes: null,
    paths: [],
  };
}

/** Padded to the width of SCSI's field; `##` where there is no path to ask. */
function known(printed: string): string | null {
  const name = printed.trim();
  return name === "" || name === "##" || name === "[undef]" ? null : name;
}

const PATH = /^([\d#-]+(?::[\d#-]+){2,3})\s+(\S+)\s+([\d#]+:[\d#]+)\s+(\S.*)$/;

function path(text: string, group: number, line: string): Path {
  const [, hctl, device, majorMinor, printed] = PATH.exec(text) ?? [];
  const [dmState, checkerState, deviceState] = printed === undefined ? [] : pathStates(printed.trimEnd());
  if (!hctl || !device || !majorMinor || !dmState || !checkerState) {
    throw new OutputNotUnderstood("multipath", line, "a path: h:c:t:l, device, major:minor and its states");
  }
  return { hctl, device, majorMinor, dmState, checkerState, deviceState: deviceState ?? "undef", group };
}

/** Two states in the old form, without the device's own; the checker's may be two words: `active i/o pending running`. */
function pathStates(printed: string): string[] {
  const states = printed.startsWith("[") ? printed.slice(1, -1).split("][") : printed.split(/\s+/);
  if (states.length <= 3) return states;
  return [states[0] ?? "", states.slice(1, -1).join(" "), states.at(-1) ?? ""];
}

/** `2.2T` and `10G` in powers of 1024; `0` for a map without a table. */
function bytes(printed: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMGTPE])?$/.exec(printed) ?? [];
  if (number === undefined) return null;
  if (unit === undefined) return Number(number) === 0 ? 0 : null;
  return Math.round(Number(number) * 1024 ** ("KMGTPE".indexOf(unit) + 1));
}
