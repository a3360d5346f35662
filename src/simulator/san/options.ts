/** Options of a program, as getopt_long reads them; whether each takes a value. */
type OptionTable = Readonly<Record<string, "flag" | "value" | "optional value">>;

export interface Options {
  /** By long name, or by letter if there is no long name; the last value wins, a flag's is "". */
  readonly given: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** getopt's error, without the program's name; null if all options are known. */
  readonly complaint: string | null;
}

/** `aliases` names the long option of a letter: `{ o: "output" }`. */
export function readOptions(
  args: readonly string[],
  table: OptionTable,
  aliases: Readonly<Record<string, string>> = {},
): Options {
  const given = new Map<string, string>();
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      operands.push(...rest);
      break;
    }
    if (arg === "-" || !arg.startsWith("-")) operands.push(arg);
    else {
      const complaint = arg.startsWith("--")
        ? readLong(arg, rest, table, given)
        : readShort(arg, rest, table, aliases, given);
      if (complaint !== null) return { given, operands, complaint };
    }
  }
  return { given, operands, complaint: null };
}

function readLong(arg: string, rest: string[], table: OptionTable, given: Map<string, string>): string | null {
  const [, name = "", value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(arg) ?? [];
  const kind = table[name];
  if (kind === undefined || name.length === 1)
    return `unrecognized option '${value === undefined ? arg : `--${name}`}'`;
  if (kind === "flag") {
    if (value !== undefined) return `option '--${name}' doesn't allow an argument`;
    given.set(name, "");
    return null;
  }
  const found = value ?? (kind === "value" ? rest.shift() : "");
  if (found === undefined) return `option '--${name}' requires an argument`;
  given.set(name, found);
  return null;
}

function readShort(
  arg: string,
  rest: string[],
  table: OptionTable,
  aliases: Readonly<Record<string, string>>,
  given: Map<string, string>,
): string | null {
  for (let index = 1; index < arg.length; index += 1) {
    const letter = arg.charAt(index);
    const name = aliases[letter] ?? letter;
    const kind = table[name];
    if (kind === undefined) return `invalid option -- '${letter}'`;
    if (kind === "flag") {
      given.set(name, "");
      continue;
    }
    const glued = arg.slice(index + 1);
    const value = glued || (kind === "value" ? rest.shift() : "");
    if (value === undefined) return `option requires an argument -- '${letter}'`;
    given.set(name, value);
    return null;
  }
  return null;
}
