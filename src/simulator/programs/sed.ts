import { readOptions } from "../san/options.ts";
import { complained, type Program, printed } from "../san/program.ts";
import { findFile, writeFile } from "./file-tree.ts";

type Edit =
  | { readonly kind: "delete"; readonly where: RegExp }
  /** After the last line, if the script reaches it. */
  | { readonly kind: "append"; readonly lines: readonly string[] };

/** `sed --in-place --file=- -- FILE…`: a script from standard input of `/RE/d` and `$a\` commands. */
export const sed: Program = async (args, place) => {
  const options = readOptions(args, { "in-place": "flag", file: "value" }, { i: "in-place", f: "file" });
  if (options.complaint !== null)
    return complained(`sed: ${options.complaint}\nUsage: sed [OPTION]... {script} [input-file]...\n`);
  if (!options.given.has("in-place") || options.given.get("file") !== "-") {
    return complained("sed: only --in-place with a script from standard input is simulated\n", 4);
  }
  const script = editsIn(await place.stdin());
  place.resume();
  if (typeof script === "string") return complained(`sed: file - line 1: ${script}\n`);
  let stderr = "";
  for (const path of options.operands) {
    const file = findFile(place.host, path);
    if (file === null) stderr += `sed: can't read ${path}: No such file or directory\n`;
    else {
      const error = writeFile(place, path, edited(file.content, script));
      if (error !== null) stderr += `sed: couldn't open temporary file ${path}: ${error}\n`;
    }
  }
  return stderr === "" ? printed("") : complained(stderr, 2);
};

function editsIn(script: string): Edit[] | string {
  const edits: Edit[] = [];
  const lines = script.replace(/\n$/, "").split("\n");
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, pattern] = /^\/(.*)\/d$/.exec(line) ?? [];
    if (pattern !== undefined) edits.push({ kind: "delete", where: basicPattern(pattern) });
    else if (line === "$a\\") edits.push({ kind: "append", lines: textIn(lines) });
    else return `unknown command: \`${line.charAt(0)}'`;
  }
  return edits;
}

/** A backslash at a line's end joins the next one to the text; elsewhere it keeps the character behind it. */
function textIn(lines: string[]): string[] {
  const text: string[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    text.push((goesOn ? line.slice(0, -1) : line).replace(/\\(.)/g, "$1"));
    if (!goesOn) break;
  }
  return text;
}

/** In basic regular expressions the backslash makes groups and choices; without it these characters are literal. */
const basicPattern = (pattern: string): RegExp =>
  new RegExp(
    pattern.replace(/\\([(|)])|([(|)+?{}])/g, (_all, made?: string, bare?: string) => made ?? `\\${bare ?? ""}`),
  );

/** Each line goes through the script until a `d` ends its turn; what was appended to it is printed all the same. */
function edited(content: string, script: readonly Edit[]): string {
  const lines = content.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.map((line, index) => afterScript(line, index === lines.length - 1, script)).join("");
}

function afterScript(line: string, isLast: boolean, script: readonly Edit[]): string {
  const appended: string[] = [];
  const bare = line.replace(/\n$/, "");
  for (const edit of script) {
    if (edit.kind === "delete" && edit.where.test(bare)) return appended.join("");
    if (edit.kind === "append" && isLast) appended.push(...edit.lines.map((each) => `${each}\n`));
  }
  return appended.length === 0 ? line : `${bare}\n${appended.join("")}`;
}
