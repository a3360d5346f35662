import { z } from "zod";
import { TREE } from "../core/limits.ts";
import { type Note, noteOf, OutputNotUnderstood } from "../core/not-understood.ts";
import type { BlockDevice } from "../core/storage.ts";
import { filledLinesOf, reportIn, rowOf, withoutHexEscapes } from "../host/output.ts";
import type { Read } from "./output-forms.ts";
import { bytesIn } from "./sizes.ts";
import { type Row, tableIn } from "./table.ts";

/** null: this form does not have it, or it is not understood. */
type ShownDevice = {
  readonly [K in Exclude<keyof BlockDevice, "name" | "mountPoints" | "children">]: BlockDevice[K] | null;
} & { readonly name: string; readonly mountPoints: string[] | null; readonly children: ShownDevice[] };

/** By lsblk's headings. */
type Cells = ReadonlyMap<string, string>;

/** `lsblk`, `lsblk -f`, `lsblk -l`, with any columns: a tree, or a list, under headings. */
export const treeOfDevices: Read = ({ stdout }, note) => {
  const table = tableIn(filledLinesOf(stdout), ["NAME", "KNAME"], isPlausible);
  if (table === null) throw new OutputNotUnderstood("lsblk", firstLine(stdout), "headings that begin with NAME");
  for (const line of table.before) note(unclearLine(line));
  const needed = ["MAJ:MIN", "SIZE", "TYPE"].filter((heading) => table.headings.includes(heading));
  const roots: ShownDevice[] = [];
  const above: { readonly depth: number; readonly device: ShownDevice }[] = [];
  for (const row of table.rows) {
    const name = row.cells.get("NAME")?.replace(BRANCHES, "") ?? row.cells.get("KNAME") ?? "";
    const mounts = mountsIn(row.cells);
    // A device with several mount points has a line for each.
    if (name === "" && mounts !== null) above.at(-1)?.device.mountPoints?.push(...mounts);
    else if (name === "" || !isPlausible(row.cells) || !needed.every((each) => row.cells.has(each)))
      note(unclearLine(row.line));
    else {
      const depth = depthOf(row);
      while ((above.at(-1)?.depth ?? -1) >= depth) above.pop();
      const device = shownDevice(new Map(row.cells).set("NAME", name), table.headings, row.line, note);
      (above.at(-1)?.device.children ?? roots).push(device);
      above.push({ depth, device });
    }
  }
  if (roots.length === 0) throw new OutputNotUnderstood("lsblk", firstLine(stdout), "devices below the headings");
  return roots;
};

const BRANCHES = /^[ |`│├└─-]*/;
/** Two characters for each level, blank or drawn. */
const depthOf = ({ line }: Row): number => Math.floor((BRANCHES.exec(line)?.[0].length ?? 0) / 2);

/** `lsblk -P`, with any columns: a list, or a tree if PKNAME is one of them. */
export const pairsOfDevices: Read = ({ stdout }, note) => {
  const roots: ShownDevice[] = [];
  const latest = new Map<string, ShownDevice>();
  for (const line of filledLinesOf(stdout)) {
    const pairs = Array.from(line.matchAll(/([A-Z][A-Z0-9:_%#-]*)="([^"]*)"/g), ([, name = "", value = ""]) => [
      // Since util-linux 2.38 names are those of shell variables: `MAJ_MIN`.
      { MAJ_MIN: "MAJ:MIN", LOG_SEC: "LOG-SEC" }[name] ?? name,
      withoutHexEscapes(value),
    ]);
    const cells: Cells = new Map(pairs.filter(([, value]) => value !== "") as [string, string][]);
    const name = cells.get("NAME") ?? cells.get("KNAME");
    if (name === undefined) {
      note(unclearLine(line));
      continue;
    }
    const headings = pairs.map(([heading = ""]) => heading);
    const device = shownDevice(new Map(cells).set("NAME", name), headings, line, note);
    (latest.get(cells.get("PKNAME") ?? "")?.children ?? roots).push(device);
    latest.set(cells.get("KNAME") ?? name, device);
  }
  if (roots.length === 0) throw new OutputNotUnderstood("lsblk", firstLine(stdout), 'NAME="…" SIZE="…" …');
  return roots;
};

/** `lsblk -J`, with any columns. */
export const reportOfDevices: Read = ({ stdout }, note) => {
  const { blockdevices } = rowOf("lsblk", reportSchema, reportIn("lsblk", stdout, TREE, note));
  return blockdevices.flatMap((row) => deviceOf(row, note));
};

const reportSchema = z.object({ blockdevices: z.array(z.unknown()) });
const rowSchema = z.looseObject({ children: z.array(z.unknown()).nullish() });
const cellSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);

function deviceOf(row: unknown, note: Note): ShownDevice[] {
  const { data } = rowSchema.safeParse(row);
  const { children, mountpoints, ...columns } = data ?? {};
  const name = columns.name ?? columns.kname;
  if (data === undefined || typeof name !== "string" || name === "") {
    note(unclearLine(JSON.stringify(row)));
    return [];
  }
  const cells = new Map(
    Object.entries(columns).flatMap(([key, value]): [string, string][] => {
      const cell = cellSchema.safeParse(value);
      return cell.success && cell.data !== "" ? [[key.toUpperCase(), cell.data]] : [];
    }),
  ).set("NAME", name);
  const headings = Object.keys({ ...columns, ...(mountpoints === undefined ? {} : { mountpoints }) });
  const device = shownDevice(
    cells,
    headings.map((each) => each.toUpperCase()),
    JSON.stringify(columns),
    note,
  );
  if (Array.isArray(mountpoints)) device.mountPoints?.push(...mountpoints.filter((each) => typeof each === "string"));
  for (const child of children ?? []) device.children.push(...deviceOf(child, note));
  return [device];
}

function shownDevice(cells: Cells, headings: readonly string[], line: string, note: Note): ShownDevice {
  const name = cells.get("NAME") ?? "";
  const cell = (heading: string): string | null => cells.get(heading)?.trim() || null;
  const bytes = (heading: string): number | null => {
    const printed = cell(heading);
    const size = printed === null ? null : bytesIn(printed, 1024);
    if (printed !== null && size === null) {
      note(noteOf(new OutputNotUnderstood("lsblk", line, `a size as ${heading}`), []));
    }
    return size;
  };
  const readOnly = cell("RO");
  return {
    name,
    // A name that is not the kernel's may be an alias.
    kernelName:
      cell("KNAME") ?? (/^(?:sd|vd|xvd|nvme|dm-|loop|sr|md|zram|nbd|rbd|bcache|drbd)\w*$/.test(name) ? name : null),
    majorMinor: cell("MAJ:MIN"),
    type: cell("TYPE"),
    sizeBytes: bytes("SIZE"),
    fileSystem: cell("FSTYPE"),
    label: cell("LABEL"),
    uuid: cell("UUID"),
    mountPoints: headings.some((each) => each.startsWith("MOUNTPOINT")) ? (mountsIn(cells) ?? []) : null,
    readOnly: readOnly === null ? null : ["1", "true"].includes(readOnly),
    logicalSectorBytes: bytes("LOG-SEC"),
    wwn: cell("WWN"),
    vendor: cell("VENDOR"),
    model: cell("MODEL"),
    hctl: cell("HCTL"),
    transport: cell("TRAN"),
    children: [],
  };
}

const mountsIn = (cells: Cells): string[] | null => {
  const mounts = cells.get("MOUNTPOINTS") ?? cells.get("MOUNTPOINT");
  return mounts === undefined ? null : mounts.split("\n").filter((each) => each !== "");
};

const isPlausible = (cells: Cells): boolean =>
  /^\d+:\d+$/.test(cells.get("MAJ:MIN") ?? "0:0") && bytesIn(cells.get("SIZE") ?? "0", 1024) !== null;

const unclearLine = (line: string) => noteOf(new OutputNotUnderstood("lsblk", line.trim(), "a device"), []);
const firstLine = (text: string): string => text.trimStart().split("\n")[0] ?? "";
