import { type CommandOutput, OutputNotUnderstood } from "../core/host-command.ts";
import { listMappedDevices } from "../host/dmsetup.ts";
import { filledLinesOf } from "../host/output.ts";
import type { Read } from "./output-forms.ts";
import { tableIn } from "./table.ts";

/** `dmsetup info -c`: columns under headings. */
export const tableOfMaps: Read = (output, note) => {
  const lines = filledLinesOf(output.stdout);
  const table = tableIn(lines, ["Name", "UUID", "Maj", "Open"], (cells) => /^\d+$/.test(cells.get("Open") ?? ""));
  if (table === null) throw new OutputNotUnderstood("dmsetup", lines[0] ?? "", "headings with Name, Open and UUID");
  const rows = table.rows.map(({ line, cells }) => lineOf(cells, line));
  return listMappedDevices.parse(withLines(output, [...table.before, ...rows]), note);
};

/** `dmsetup info`: a paragraph for each device. */
export const paragraphsOfMaps: Read = (output, note) => {
  if (!/^Name: /m.test(output.stdout)) throw new OutputNotUnderstood("dmsetup", output.stdout, "Name: …");
  const lines = output.stdout.split(/\r?\n(?:\s*\r?\n)?(?=Name: )/).flatMap((paragraph) => {
    const cells = new Map<string, string>();
    const others: string[] = [];
    for (const line of filledLinesOf(paragraph)) {
      const [, name, value] = /^([A-Z][A-Za-z, ]*): *(.*)$/.exec(line.trimEnd()) ?? [];
      if (name === undefined || value === undefined) others.push(line);
      else cells.set(name === "Open count" ? "Open" : name, value);
    }
    return cells.has("Name") ? [lineOf(cells, paragraph), ...others] : filledLinesOf(paragraph);
  });
  return listMappedDevices.parse(withLines(output, lines), note);
};

/** Converted to the form that the bot asks for. A row that lacks a cell is unchanged. */
function lineOf(cells: ReadonlyMap<string, string>, line: string): string {
  const [name, open] = [cells.get("Name"), cells.get("Open")];
  return name === undefined || open === undefined || !/^\d+$/.test(open)
    ? line
    : `${cells.get("UUID") ?? ""}:${open}:${name}`;
}

const withLines = (output: CommandOutput, lines: readonly string[]): CommandOutput => ({
  ...output,
  stdout: lines.join("\n"),
});
