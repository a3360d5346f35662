import type { CommandOutput } from "../core/host-command.ts";
import { type Note, noteOf, OutputNotUnderstood, parseEach } from "../core/not-understood.ts";
import { filledLinesOf, withoutHexEscapes } from "../host/output.ts";
import { listSignatures } from "../host/wipefs.ts";
import type { Read } from "./output-forms.ts";
import { tableIn } from "./table.ts";

type Cells = ReadonlyMap<string, string>;

/** `wipefs DEVICE`: columns under headings. */
export const tableOfSignatures: Read = ({ stdout }, note) => {
  const table = tableIn(filledLinesOf(stdout), ["DEVICE", "OFFSET"], isPlausible);
  if (table === null) throw new OutputNotUnderstood("wipefs", firstLine(stdout), "headings DEVICE OFFSET TYPE");
  return signaturesOf(table.before, table.rows, note);
};

/** `wipefs --parsable`, in its own or in other columns: `# offset,uuid,label,type`. */
export const linesOfSignatures: Read = ({ stdout }, note) => {
  const lines = filledLinesOf(stdout);
  const heading = lines.find((line) => /^# *\w+(?:,\w+)+ *$/.test(line)) ?? "# offset,uuid,label,type";
  const names = heading.slice(1).trim().toUpperCase().split(",");
  const rows = lines
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const values = line.split(",").map(withoutHexEscapes);
      return { line, cells: new Map(names.flatMap((name, at) => (values[at] ? [[name, values[at]]] : []))) };
    });
  return signaturesOf([], rows, note);
};

/**
 * Before util-linux 2.31:
 *
 *     offset               type
 *     ----------------------------------------------------------------
 *     0x438                ext4   [filesystem]
 *                          LABEL: boot
 *                          UUID:  7fe6c0ba-5b8d-4c12-a6c6-d8c9f5bfb0d6
 */
export const paragraphsOfSignatures: Read = ({ stdout }, note) => {
  const [heading, ...lines] = filledLinesOf(stdout);
  if (!/^offset +type\s*$/.test(heading ?? "")) throw new OutputNotUnderstood("wipefs", heading ?? "", "offset type");
  const rows: { readonly line: string; readonly cells: Map<string, string> }[] = [];
  for (const line of lines.filter((each) => !/^-+$/.test(each.trim()))) {
    const [, name, value] = /^\s+(LABEL|UUID): +(.*)$/.exec(line.trimEnd()) ?? [];
    if (name !== undefined && value !== undefined) rows.at(-1)?.cells.set(name, value);
    else {
      const [, offset, type, usage] = /^(\S+)\s+(\S+)(?:\s+\[([\w -]+)\])?\s*$/.exec(line) ?? [];
      const cells = [
        ["OFFSET", offset],
        ["TYPE", type],
        ["USAGE", usage],
      ] as const;
      rows.push({ line, cells: new Map(cells.flatMap(([key, cell]) => (cell === undefined ? [] : [[key, cell]]))) });
    }
  }
  return signaturesOf([], rows, note);
};

const isPlausible = (cells: Cells): boolean =>
  /^(?:0x[0-9a-f]+|\d+)$/i.test(cells.get("OFFSET") ?? "") && cells.has("TYPE");

function signaturesOf(
  before: readonly string[],
  rows: readonly { readonly line: string; readonly cells: Cells }[],
  note: Note,
): unknown {
  for (const line of before) note(noteOf(new OutputNotUnderstood("wipefs", line, "headings"), []));
  const signatures = parseEach(
    rows,
    ({ line, cells }) => {
      if (!isPlausible(cells)) throw new OutputNotUnderstood("wipefs", line.trim(), "an offset and a type");
      const cell = (name: string) => cells.get(name) ?? null;
      const offset = (cell("OFFSET") ?? "").toLowerCase();
      return [{ offset, type: cell("TYPE"), uuid: cell("UUID"), label: cell("LABEL"), usage: cell("USAGE") }];
    },
    () => [],
    note,
  );
  const output: CommandOutput = { stdout: JSON.stringify({ signatures }), stderr: "", exitCode: 0 };
  return listSignatures("DEVICE").parse(output, note);
}

const firstLine = (text: string): string => text.trimStart().split("\n")[0] ?? "";
