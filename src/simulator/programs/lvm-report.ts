import { volumeUuid } from "../san/devices.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, type Result } from "../san/program.ts";
import type { SanVolumeGroup } from "../san/san-state.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";
import {
  extentBytes,
  freeBytes,
  type Scan,
  type SeenPhysicalVolume,
  scanDisks,
  sizeInGroup,
  type UnusedDisk,
} from "./physical-volumes.ts";
import { lockVolume } from "./start-lockspace.ts";

const reportOptions = {
  readonly: "flag",
  nolocking: "flag",
  foreign: "flag",
  shared: "flag",
  all: "flag",
  nosuffix: "flag",
  noheadings: "flag",
  reportformat: "value",
  units: "value",
  config: "value",
  options: "value",
} as const;

interface GroupRow {
  readonly group: SanVolumeGroup;
  readonly members: readonly SeenPhysicalVolume[];
  readonly missing: number;
}
type Field<R> = readonly [heading: string, value: (row: R) => string | number];

/**
 * LVM's order of a list of words, independent of the order in which they were given: `gold,zs::sharedblock::volume`.
 */
const inOrder = (words: readonly string[]): string => words.toSorted().join(",");

const groupFields: Readonly<Record<string, Field<GroupRow>>> = {
  vg_name: ["VG", ({ group }) => group.name],
  vg_uuid: ["VG UUID", ({ group }) => group.uuid],
  vg_size: ["VSize", ({ members }) => members.reduce((sum, one) => sum + sizeInGroup(one.content), 0)],
  vg_free: ["VFree", (row) => groupFree(row)],
  vg_tags: ["VG Tags", ({ group }) => inOrder(group.tags)],
  vg_lock_type: ["LockType", ({ group }) => group.lockType ?? ""],
  vg_lock_args: ["VLockArgs", ({ group }) => group.lockArgs ?? ""],
  vg_missing_pv_count: ["#PV Missing", ({ missing }) => String(missing)],
  pv_count: ["#PV", ({ members, missing }) => String(members.length + missing)],
};

interface UsedVolume {
  readonly seen: SeenPhysicalVolume;
  readonly group: SanVolumeGroup | null;
}
type VolumeRow = UsedVolume | UnusedDisk;

/** `unused`: the row of `--all` for a disk that LVM does not use. */
const volumeField = (
  heading: string,
  used: (row: UsedVolume) => string | number,
  unused: (disk: UnusedDisk) => string | number = () => 0,
): Field<VolumeRow> => [heading, (row) => ("seen" in row ? used(row) : unused(row))];

const nothing = () => "";
const volumeFields: Readonly<Record<string, Field<VolumeRow>>> = {
  pv_name: volumeField(
    "PV",
    ({ seen }) => seen.name,
    ({ name }) => name,
  ),
  pv_uuid: volumeField(
    "PV UUID",
    ({ seen }) => seen.content.uuid,
    ({ duplicateOf }) => duplicateOf ?? "",
  ),
  vg_name: volumeField(
    "VG",
    ({ group }) => group?.name ?? "",
    (disk) => (disk.duplicateOf === null ? "" : "[unknown]"),
  ),
  pv_size: volumeField("PSize", ({ seen, group }) => (group ? sizeInGroup(seen.content) : seen.sizeBytes)),
  pv_allocatable: volumeField("Allocatable", (row) => (mayBeFilled(row) ? "allocatable" : ""), nothing),
  pe_start: volumeField("1st PE", ({ seen }) => seen.content.dataStartBytes),
  vg_extent_size: volumeField("Ext", ({ group }) => (group ? extentBytes : 0)),
  pv_free: volumeField("PFree", ({ seen, group }) => (group ? freeBytes(seen.content, group) : seen.sizeBytes)),
  pv_attr: volumeField("Attr", attributes, ({ duplicateOf }) => (duplicateOf === null ? "---" : "d--")),
};

const mayBeFilled = ({ seen, group }: UsedVolume): boolean => group !== null && seen.content.allocatable;

function attributes(row: UsedVolume): string {
  if (row.group === null) return "---";
  return mayBeFilled(row) ? "a--" : "u--";
}

export const vgs: Program = (args, place) =>
  report("vgs", args, place, groupFields, "vg", "vg_name,pv_count,vg_size,vg_free", ({ seen }, settings, options) => {
    const rows = visibleGroups(place, seen, settings, options.has("shared")).map((group) =>
      groupRow(place, seen, group),
    );
    return rows.toSorted((a, b) => (a.group.name < b.group.name ? -1 : 1));
  });

export const pvs: Program = (args, place) =>
  report(
    "pvs",
    args,
    place,
    volumeFields,
    "pv",
    "pv_name,vg_name,pv_size,pv_free",
    ({ seen, unused }, settings, options) => {
      const visible = new Map(
        visibleGroups(place, seen, settings, options.has("shared")).map((group) => [group.uuid, group]),
      );
      const used = seen.flatMap((one): VolumeRow[] => {
        const uuid = one.content.volumeGroupUuid;
        if (uuid === null) return [{ seen: one, group: null }];
        const group = visible.get(uuid);
        // A physical volume of a hidden group is hidden too, as if it were none.
        return group ? [{ seen: one, group }] : [];
      });
      return options.has("all") ? [...used, ...unused] : used;
    },
  );

interface LogicalVolumeRow {
  readonly group: SanVolumeGroup;
  readonly volume: SanVolumeGroup["logicalVolumes"][number];
}
const logicalVolumeFields: Readonly<Record<string, Field<LogicalVolumeRow>>> = {
  vg_name: ["VG", ({ group }) => group.name],
  // Hidden volumes are listed with --all, in brackets.
  lv_name: ["LV", ({ volume }) => (volume.name === lockVolume ? `[${volume.name}]` : volume.name)],
  lv_uuid: ["LV UUID", ({ group, volume }) => volumeUuid(group.uuid, volume.name)],
  lv_size: ["LSize", ({ volume }) => volume.sizeBytes],
  lv_tags: ["LV Tags", ({ volume }) => inOrder(volume.tags)],
};

/** What needs the kernel's answer (lv_active, lv_device_open) is not simulated: with --readonly LVM does not ask it. */
export const lvs: Program = (args, place) =>
  report("lvs", args, place, logicalVolumeFields, "lv", "lv_name,vg_name,lv_size", ({ seen }, settings, options) =>
    visibleGroups(place, seen, settings, options.has("shared")).flatMap((group) =>
      group.logicalVolumes
        .filter((volume) => options.has("all") || volume.name !== lockVolume)
        .map((volume) => ({ group, volume })),
    ),
  );

/** If lvmlockd is not in use, shared groups are omitted without a message: only `--shared` lists them. */
function visibleGroups(place: Place, seen: readonly SeenPhysicalVolume[], settings: Settings, shared: boolean) {
  const present = new Set(seen.map((one) => one.content.volumeGroupUuid));
  const locked = settings.get("global/use_lvmlockd") === "1";
  return place.san.state.volumeGroups.filter(
    (group) => present.has(group.uuid) && (group.lockType === null || locked || shared),
  );
}

function groupRow({ san }: Place, seen: readonly SeenPhysicalVolume[], group: SanVolumeGroup): GroupRow {
  const members = seen.filter((one) => one.content.volumeGroupUuid === group.uuid);
  // The group's other volumes still name one of which wipefs erased the label.
  const all = san.state.luns.filter(
    ({ content: { physicalVolume, erased } }) =>
      (physicalVolume ?? erased?.physicalVolume)?.volumeGroupUuid === group.uuid,
  );
  return { group, members, missing: all.length - members.length };
}

const groupFree = ({ group, members }: GroupRow): number =>
  Math.max(
    0,
    members.reduce((sum, one) => sum + sizeInGroup(one.content), 0) -
      group.logicalVolumes.reduce((sum, volume) => sum + volume.sizeBytes, 0),
  );

function report<R>(
  program: string,
  args: readonly string[],
  place: Place,
  fields: Readonly<Record<string, Field<R>>>,
  list: string,
  usual: string,
  rowsOf: (scan: Scan, settings: Settings, options: ReadonlyMap<string, string>) => R[],
) {
  const options = readOptions(args, reportOptions, { a: "all", o: "options" });
  if (options.complaint !== null) {
    return complained(`${program}: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  return withSettings(
    place,
    (settings): Result => {
      if (!place.root) return notRoot;
      const names = (options.given.get("options") ?? usual).split(",");
      const unknown = names.find((name) => !(name in fields));
      if (unknown !== undefined) return complained(`  Unrecognised field: ${unknown}\n`, 5);
      const scan = scanDisks(place, settings);
      const json = options.given.get("reportformat") === "json";
      const suffix = options.given.has("nosuffix") ? "" : "B";
      const cells = rowsOf(scan, settings, options.given).map((row) =>
        names.map((name) => {
          const value = fields[name]?.[1](row) ?? "";
          return typeof value === "string"
            ? value
            : options.given.get("units") === "b"
              ? `${value}${suffix}`
              : readable(value);
        }),
      );
      const stdout = json
        ? jsonReport(list, names, cells)
        : table(
            names.map((name) => fields[name]?.[0] ?? name),
            cells,
          );
      return { stdout: withPrefix(stdout, program, settings), stderr: scan.warnings, exitCode: 0 };
    },
    options.given.get("config"),
  );
}

/** `log/command_names` and `log/prefix` begin each line. */
function withPrefix(stdout: string, program: string, settings: Settings): string {
  const command = settings.get("log/command_names") === "1" ? program.padEnd(3) : "";
  const prefix = settings.get("log/prefix") ?? "";
  return command === "" && prefix === "" ? stdout : stdout.replaceAll(/^(?=.)/gm, `${command}${prefix}`);
}

export const notRoot: Result = complained(
  "  WARNING: Running as a non-root user. Functionality may be unavailable.\n  /run/lock/lvm/P_global:aux: open failed: Permission denied\n",
  5,
);

function jsonReport(list: string, names: readonly string[], cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => {
    const members = row.map((value, index) => `${JSON.stringify(names[index])}:${JSON.stringify(value)}`);
    return `                  {${members.join(", ")}}`;
  });
  const head = `  {\n      "report": [\n          {\n              "${list}": [\n`;
  return `${head}${rows.length > 0 ? `${rows.join(",\n")}\n` : ""}              ]\n          }\n      ]\n  }\n`;
}

function table(headings: readonly string[], cells: readonly (readonly string[])[]): string {
  if (cells.length === 0) return "";
  const rows = [headings, ...cells];
  const widths = headings.map((_heading, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => `  ${row.map((value, column) => value.padEnd(widths[column] ?? 0)).join(" ")}\n`).join("");
}

/** `<18.00g`: LVM marks what it rounded up. */
function readable(bytes: number): string {
  const units = ["", "k", "m", "g", "t"];
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const exact = bytes / 1024 ** unit;
  const shown = exact.toFixed(2);
  return `${Number(shown) > exact ? "<" : ""}${shown}${units[unit]}`;
}
