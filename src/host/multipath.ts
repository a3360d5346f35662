import { change } from "../core/change.ts";
import type { ReadCommand } from "../core/host-command.ts";
import { MAPS } from "../core/limits.ts";
import { ignored, type Note, noteOf, OutputNotUnderstood } from "../core/not-understood.ts";
import { beforeLines, inParts } from "../core/parts.ts";
import type { MultipathMap, Path } from "../core/storage.ts";
import { linesOf } from "./output.ts";

/** Every assembled multipath map with its paths, as the kernel and the path checkers see them now. */
export const listMultipathMaps: ReadCommand<MultipathMap[]> = {
  effect: "read",
  argv: ["multipath", "-ll"],
  // It checks every path itself. With hundreds of paths, or dead ones, it is slow, and that is when it is needed.
  timeoutMs: 20_000,
  // 0 also if there is no map. 1 if device-mapper can't be asked: then maps are not known.
  limits: MAPS,
  exitCodes: [0],
  // Below a map's name everything is indented, or begins with `size=`.
  parse: inParts(
    beforeLines((line) => / dm-\d+(?: |$)/.test(line) && /^\w/.test(line)),
    ({ stdout }, note?: Note) => multipathMaps(stdout, note),
  ),
};

/**
 * Adds the LUN's WWID to the WWIDs that get a map: with `find_multipaths strict`, no other LUN does. A second run
 * changes nothing.
 */
export const noteForMultipath = (wwid: string) => change(["multipath", "-a", wwid], { timeoutMs: 10_000 });

/** Removes a map; multipath refuses if it is in use. `name` is its alias, or its WWID if it has none. */
export const flushMap = (name: string) => change(["multipath", "-f", name], { timeoutMs: 60_000 });

/** multipathd uses `ready` paths and `ghost` paths (standby), and no others. */
const WORKING: readonly string[] = ["ready", "ghost"];

export const isWorking = ({ dmState, checkerState }: Pick<Path, "dmState" | "checkerState">): boolean =>
  dmState === "active" && WORKING.includes(checkerState);

export type Health = "lost" | "degraded" | "healthy";

/** `outside`: paths of the same LUN that are not in the map. */
export function healthOf({ paths }: Pick<MultipathMap, "paths">, outside = 0): Health {
  const working = paths.filter(isWorking).length;
  if (working === 0) return "lost";
  return working < paths.length + outside ? "degraded" : "healthy";
}

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
 * A map reaches from its name to the next name. Messages of the library may be between the maps. Any other line is
 * noted. If a line under it belongs to it, or if it is inside a map, that map is not understood either: a path may
 * belong to the other map.
 */
export function multipathMaps(stdout: string, note: Note = ignored): MultipathMap[] {
  const reading = new Topology();
  for (const line of linesOf(stdout)) reading.take(line);
  return reading.end(note);
}

interface NewMap extends MultipathMap {
  sizeBytes: number | null;
  readonly paths: Path[];
}
/** The lines under one name. */
interface Section {
  /** null if the line above is not the name of a map. */
  readonly map: NewMap | null;
  /** Nothing is read of a map of another library. */
  readonly isForeign: boolean;
  sized: boolean;
  groups: number;
  /**
   * The line of its tree after which more must follow. null at the tree's end, and in the old form, which does not show
   * it.
   */
  promises: string | null;
  /** The line of a group that is not the last. */
  promisesGroup: string | null;
  /** A line after which the expected lines did not follow. */
  broken: string | null;
  /** Names in its lines: what it may be about. */
  readonly names: Set<string>;
  unclear: OutputNotUnderstood | null;
}
type Below =
  | { readonly kind: "size"; readonly sizeBytes: number | null }
  /** `isLast`: of its siblings, as the branch says. */
  | { readonly kind: "group"; readonly isLast: boolean }
  /** `text`: the text after the branch. */
  | { readonly kind: "path"; readonly text: string; readonly isLast: boolean };
type LinePart =
  | { readonly kind: "map"; readonly map: NewMap }
  | { readonly kind: "not ours" }
  | { readonly kind: "message" }
  | { readonly kind: "unexpected" }
  | Below;

class Topology {
  readonly #sections: Section[] = [];
  /** Lines with nothing under them and without a device name: other messages of a library. */
  readonly #remarks: string[] = [];
  #current: Section | null = null;
  /** The last line that is not understood, with nothing under it so far. */
  #unexpected: string | null = null;

  take(line: string): void {
    const part = linePart(line);
    if (part.kind === "message") return;
    if (part.kind === "unexpected") {
      this.#leaveUnexpected();
      this.#unexpected = line;
    } else if (part.kind === "map" || part.kind === "not ours") {
      this.#leaveUnexpected();
      this.#current = this.#open(line, part.kind === "map" ? part.map : null, part.kind === "not ours");
    } else this.#hang(part, line);
  }

  end(note: Note): MultipathMap[] {
    this.#leaveUnexpected();
    for (const section of this.#sections) section.unclear ??= cutOff(section);
    const maps = this.#sections.flatMap(({ map, unclear }) => (map === null || unclear !== null ? [] : [map]));
    const [firstUnclear] = this.#sections.flatMap(({ unclear }) => unclear ?? []);
    const anything = maps.length > 0 || this.#sections.some(({ isForeign }) => isForeign);
    const remark = this.#remarks.at(-1);
    if (!anything && (firstUnclear !== undefined || remark !== undefined)) throw firstUnclear ?? notAMap(remark ?? "");
    for (const { unclear, names } of this.#sections) if (unclear !== null) note(noteOf(unclear, [...names]));
    for (const line of this.#remarks) note(noteOf(notAMap(line), []));
    return maps;
  }

  #open(head: string, map: NewMap | null, isForeign: boolean): Section {
    const names = new Set(map === null ? namesIn(head) : [map.wwid, map.alias ?? map.wwid, map.dmName]);
    const tree = { groups: 0, promises: null, promisesGroup: null, broken: null };
    const section: Section = { map, isForeign, sized: false, ...tree, names, unclear: null };
    this.#sections.push(section);
    return section;
  }

  /** Adds a part to the line before: to a name, or to a line that was not understood. */
  #hang(part: Below, line: string): void {
    if (this.#unexpected !== null) {
      const unexpected = this.#unexpected;
      this.#unexpected = null;
      const before = this.#current;
      const isNew = before === null || before.isForeign || (part.kind === "size" && before.sized);
      if (!isNew) before.unclear ??= notAMap(unexpected);
      this.#current = this.#open(unexpected, null, false);
      this.#current.unclear = notAMap(unexpected);
    }
    if (this.#current === null) {
      this.#current = this.#open(line, null, false);
      this.#current.unclear = notAMap(line);
    }
    const section = this.#current;
    if (section.isForeign) return;
    if (part.kind === "path") for (const name of namesIn(part.text)) section.names.add(name);
    try {
      add(part, section, line);
    } catch (error) {
      if (!(error instanceof OutputNotUnderstood)) throw error;
      section.unclear ??= error;
    }
  }

  /** A line with nothing under it. If it names a disk, it may have been a path of the map above. */
  #leaveUnexpected(): void {
    const line = this.#unexpected;
    this.#unexpected = null;
    if (line === null) return;
    const names = namesIn(line);
    if (names.length === 0 && !MAY_BE_A_PATH.test(line)) {
      this.#remarks.push(line);
      return;
    }
    if (MAY_BE_A_PATH.test(line) && this.#current !== null && !this.#current.isForeign)
      this.#current.unclear ??= notAMap(line);
    this.#open(line, null, false).unclear = notAMap(line);
  }
}

const MAY_BE_A_PATH = /\b(?:sd[a-z]+|nvme\d)|[\d#]+:[\d#]+:[\d#]+/;

const notAMap = (line: string): OutputNotUnderstood =>
  new OutputNotUnderstood("multipath", line, "a map's name, WWID and dm-N, or its size, group or path");

/** Words by which other tools know a map or a path: `mpatha (36b0…)`, `dm-2`, `sdd`. */
function namesIn(text: string): string[] {
  const [, ...title] = /^(\S+) \(([^()]+)\)/.exec(text) ?? [];
  const words = text.split(/[\s()]+/).filter((word) => /^(?:dm-\d+|sd[a-z]+|nvme\d+\S*|[0-9a-f]{9,})$/.test(word));
  return [...new Set([...title, ...words])];
}

function add(part: Below, section: Section, line: string): void {
  if (part.kind === "group") {
    if (section.promises !== section.promisesGroup) section.broken ??= section.promises;
    section.groups += 1;
    [section.promises, section.promisesGroup] = [line, part.isLast ? null : line];
  } else if (part.kind === "path") {
    section.map?.paths.push(path(part.text, Math.max(section.groups - 1, 0), line));
    section.promises = part.isLast ? section.promisesGroup : line;
  } else if (section.sized) throw new OutputNotUnderstood("multipath", line, "a map's name before its size");
  else {
    section.sized = true;
    if (section.map !== null) section.map.sizeBytes = part.sizeBytes;
  }
}

/** A tree that is cut off has lost paths: the remaining paths would seem healthy. */
function cutOff({ map, promises, broken }: Section): OutputNotUnderstood | null {
  const line = broken ?? promises;
  if (line === null || map === null || !map.paths.some(isWorking)) return null;
  return new OutputNotUnderstood("multipath", line, "a map's tree to its end");
}

/** `Jan 01 00:00:00 | …` and, with a monotonic clock, `1113.589513 | …`. */
const LOGGED = /^(?:[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d|\d+\.\d+) \| /;
/** `sdb: checker msg is "tur checker reports path is down"`, `error calling out /sbin/scsi_id …`. */
const MESSAGE = /^(?:\S+: |error |DM multipath |\/etc\/multipath)/;
/** A map of another multipath library, NVMe's own: not device-mapper's. `uuid.fedc… [nvme]:nvme4n9 NVMe,…` */
const FOREIGN = /\S \[\w+\]:\S+ /;
/**
 * What multipath would do, or not do: `reject: mpatha (3600…) undef DELL,MD32xx`. Without dm-N the map does not exist.
 */
const ACTION = /^(?:create|reload|reject|rename|resize|switchpg|undef): ?/;
const BRANCH = /^(?:[ |`]*[|`]-(\+-)?|\s*(\\_)) */;

function linePart(line: string): LinePart {
  const branch = BRANCH.exec(line);
  if (branch !== null)
    return branchPart(line.slice(branch[0].length), branch[1] ?? branch[2], !branch[0].includes("|-"));
  if (line.trim() === "" || LOGGED.test(line)) return { kind: "message" };
  const size = /^\[?size=([^\s\]]*)(?: ([KMGTPE])B\])?/.exec(line);
  if (size !== null) return { kind: "size", sizeBytes: bytes(`${size[1]}${size[2] ?? ""}`) };
  if (FOREIGN.test(line)) return { kind: "not ours" };
  const action = ACTION.exec(line)?.[0] ?? "";
  const map = mapName(line.slice(action.length));
  if (map !== null) return { kind: "map", map };
  if (action !== "") return { kind: "not ours" };
  return MESSAGE.test(line) ? { kind: "message" } : { kind: "unexpected" };
}

/** Only groups have `-+-`; the old form marks both alike. */
function branchPart(text: string, mark: string | undefined, isLast: boolean): Below {
  if (mark === "+-" || (mark !== undefined && !/^[\d#-]+:/.test(text))) return { kind: "group", isLast };
  return { kind: "path", text, isLast };
}

/**
 * `mpatha (3600…) dm-2 DELL    ,MD32xx i`, `3600… dm-2 ##,##`; RHEL 5 has no blank after a bare WWID: `3600…dm-2 HP,X`.
 * A WWID of type T10 has blanks: `1IET     00010001 dm-4 IET,VIRTUAL-DISK`.
 */
function mapName(line: string): NewMap | null {
  const place = / (dm-\d+)(?=\s|$)/.exec(line) ?? /(dm-\d+)(?=\s|$)/.exec(line);
  if (place?.[1] === undefined) return null;
  const name = line.slice(0, place.index);
  const identity = line.slice(place.index + place[0].length);
  if (identity.trim() !== "" && !identity.includes(",")) return null;
  const open = name.endsWith(")") ? name.lastIndexOf(" (") : -1;
  const withBlanks = /^[0-9A-Za-z]\S* +\S/.test(name) && identity.includes(",") && !MESSAGE.test(name);
  if (open < 1 && !withBlanks && !/^[A-Za-z0-9][\w.:+-]{7,}$/.test(name)) return null;
  const comma = identity.indexOf(",");
  return {
    wwid: open < 1 ? name.trimEnd() : name.slice(open + 2, -1),
    alias: open < 1 ? null : name.slice(0, open),
    dmName: place[1],
    vendor: known(identity.slice(0, Math.max(comma, 0))),
    product: known(comma < 0 ? "" : identity.slice(comma + 1)),
    sizeBytes: null,
    paths: [],
  };
}

/** Padded to the width of SCSI's field; `##` if there is no path to ask. */
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

/**
 * The old form has two states, without the state of the device. The checker's state may have two words: `active i/o
 * pending running`. More words of later versions are ignored.
 */
function pathStates(printed: string): string[] {
  if (printed.startsWith("[")) return printed.slice(1, -1).split("][");
  const [, ...states] = /^(\S+)\s+(i\/o\s+\S+|\S+)(?:\s+(\S+))?/.exec(printed) ?? [];
  return states;
}

/** `2.2T` and `10G` in powers of 1024; `0` for a map without a table. */
function bytes(printed: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMGTPE])?$/.exec(printed) ?? [];
  if (number === undefined) return null;
  if (unit === undefined) return Number(number) === 0 ? 0 : null;
  return Math.round(Number(number) * 1024 ** ("KMGTPE".indexOf(unit) + 1));
}
