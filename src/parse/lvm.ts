import { z } from "zod";
import { type NotUnderstood, noteOf, OutputNotUnderstood, parseEach } from "../core/not-understood.ts";
import { rowsOf } from "../host/lvm-report.ts";
import { filledLinesOf } from "../host/output.ts";
import type { Read } from "./output-forms.ts";
import { bytesIn } from "./sizes.ts";
import { tableIn } from "./table.ts";

type Program = "pvs" | "vgs" | "lvs";

/** LVM's headings, by the field names of its reports. */
const HEADINGS: Readonly<Record<Program, Readonly<Record<string, string>>>> = {
  pvs: {
    PV: "pv_name",
    VG: "vg_name",
    Attr: "pv_attr",
    PSize: "pv_size",
    PFree: "pv_free",
    "PV UUID": "pv_uuid",
  },
  vgs: {
    ...{ VG: "vg_name", VSize: "vg_size", VFree: "vg_free", "VG UUID": "vg_uuid", "VG Tags": "vg_tags" },
    ...{ "Lock Type": "vg_lock_type", "Lock Args": "vg_lock_args", "#PV Missing": "vg_missing_pv_count" },
  },
  lvs: { LV: "lv_name", VG: "vg_name", LSize: "lv_size", "LV UUID": "lv_uuid", "LV Tags": "lv_tags" },
};

/** Without options, or with other fields than the bot's: a table, or a JSON report. */
export const lvmTable =
  (program: Program): Read =>
  ({ stdout }, note) => {
    // If there is nothing to list, it prints nothing, not even the headings.
    const lines = filledLinesOf(stdout);
    if (lines.length === 0) return [];
    const table = tableIn(lines, Object.keys(HEADINGS[program]), (cells) => isPlausible(cells));
    if (table === null) throw new OutputNotUnderstood(program, lines[0]?.trim() ?? "", "headings, or a JSON report");
    for (const line of table.before) note(unclearLine(program, line, "headings"));
    const names = HEADINGS[program];
    const needed = ["Attr", "PSize", "VSize", "LSize"].filter((heading) => table.headings.includes(heading));
    return parseEach(
      table.rows,
      ({ line, cells }) => {
        if (!needed.every((each) => cells.has(each))) throw new OutputNotUnderstood(program, line, needed.join(", "));
        const fields = Array.from(cells, ([heading, cell]) => [names[heading] ?? heading, cell] as const);
        return [read(program, Object.fromEntries(fields), line)];
      },
      () => [],
      note,
    );
  };

export const lvmReport =
  (program: Program): Read =>
  ({ stdout }, note) => {
    const list = ({ pvs: "pv", vgs: "vg", lvs: "lv" } as const)[program];
    return rowsOf(program, list, stdout, (row) => [read(program, row, JSON.stringify(row))], note);
  };

const isPlausible = (cells: ReadonlyMap<string, string>): boolean =>
  ["PSize", "PFree", "VSize", "VFree", "LSize"].every((heading) => bytesIn(cells.get(heading) ?? "0", 1000) !== null);

const fieldsSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.null(), z.array(z.string()).transform((all) => all.join(","))]),
);

/** null: this form does not have it. */
function read(program: Program, row: unknown, line: string): Record<string, unknown> {
  const fields = fieldsSchema.safeParse(row).data;
  if (fields === undefined) throw new OutputNotUnderstood(program, line, "fields");
  const text = (name: string): string | null => String(fields[name] ?? "").trim() || null;
  const bytes = (name: string): number | null => {
    const printed = text(name);
    const size = printed === null ? null : bytesIn(printed, 1000);
    if (printed !== null && size === null) throw new OutputNotUnderstood(program, line, `a size as ${name}`);
    return size;
  };
  const tags = (name: string): string[] | null => (name in fields ? (text(name)?.split(",") ?? []) : null);
  const needed = (name: string): string => {
    const value = text(name);
    if (value === null) throw new OutputNotUnderstood(program, line, name);
    return value;
  };
  switch (program) {
    case "pvs":
      return {
        device: needed("pv_name"),
        uuid: text("pv_uuid"),
        volumeGroup: text("vg_name"),
        sizeBytes: bytes("pv_size"),
        freeBytes: bytes("pv_free"),
        isDuplicate: text("pv_attr")?.startsWith("d") ?? null,
      };
    case "vgs":
      return {
        name: needed("vg_name"),
        uuid: text("vg_uuid"),
        sizeBytes: bytes("vg_size"),
        freeBytes: bytes("vg_free"),
        tags: tags("vg_tags"),
        lockType: text("vg_lock_type"),
        lockArgs: text("vg_lock_args"),
        missingPhysicalVolumes: bytes("vg_missing_pv_count"),
      };
    case "lvs":
      return {
        name: needed("lv_name"),
        uuid: text("lv_uuid"),
        volumeGroup: text("vg_name"),
        sizeBytes: bytes("lv_size"),
        tags: tags("lv_tags"),
      };
  }
}

const unclearLine = (program: string, line: string, expected: string): NotUnderstood =>
  noteOf(new OutputNotUnderstood(program, line.trim(), expected), []);
