/** One simple command of a shell line; its words may hold `$?`, which is known only when it runs. */
export interface SimpleCommand {
  readonly words: readonly (readonly Piece[])[];
  /** `>&2`: what it prints goes to standard error. */
  readonly toStderr: boolean;
  /** `||` before it: it runs only if the one before failed. */
  readonly orElse: boolean;
  /** `&&` before it: it runs only if the one before succeeded. */
  readonly andThen: boolean;
}
type Piece = { readonly text: string } | { readonly exitCode: true };

/** The line is outside the subset; `near` is the place. */
export class SyntaxNotSimulated extends Error {
  override name = "SyntaxNotSimulated";
}

/**
 * A subset of POSIX sh that holds what the bot sends: simple commands separated by `;`, `&&` or `||`, words with single
 * quotes, double quotes and backslashes, `"$?"`, and `>&2`. All else is refused: pipes, globs, substitutions.
 */
export function parseShellLine(line: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let words: Piece[][] = [];
  let toStderr = false;
  let before = "";
  let at = 0;
  const endCommand = (operator: string): void => {
    if (words.length > 0) commands.push({ words, toStderr, orElse: before === "||", andThen: before === "&&" });
    else if (toStderr) throw new SyntaxNotSimulated("a redirection without a command");
    else if (/[|&]/.test(before) || operator !== "")
      throw new SyntaxNotSimulated(`'${operator || before}' without a command`);
    words = [];
    toStderr = false;
    before = operator;
  };
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === " " || char === "\t") at += 1;
    else if (char === ";" || char === "\n") {
      endCommand(char.trim());
      at += 1;
    } else if (line.startsWith("||", at) || line.startsWith("&&", at)) {
      endCommand(line.slice(at, at + 2));
      at += 2;
    } else if (line.startsWith(">&2", at) && /^(?:[\s;]|$)/.test(line.slice(at + 3, at + 4))) {
      toStderr = true;
      at += 3;
    } else {
      const word: Piece[] = [];
      at = readWord(line, at, word);
      words.push(word);
    }
  }
  endCommand("");
  return commands;
}

/** The argv of a command, once the exit code of the one before it is known. */
export const expandWords = (command: SimpleCommand, exitCode: number): string[] =>
  command.words.map((word) => word.map((piece) => ("text" in piece ? piece.text : String(exitCode))).join(""));

/** Characters with a meaning to a shell if they are not quoted. */
const special = /[|&<>()`$*?[\]{}~#!=]/;

function readWord(line: string, start: number, word: Piece[]): number {
  let at = start;
  while (at < line.length && !/[\s;]/.test(line.charAt(at))) {
    const char = line.charAt(at);
    if (char === "'") at = readSingleQuoted(line, at, word);
    else if (char === '"') at = readDoubleQuoted(line, at, word);
    else if (char === "\\") {
      if (at + 1 >= line.length || line.charAt(at + 1) === "\n")
        throw new SyntaxNotSimulated("a backslash at a line's end");
      word.push({ text: line.charAt(at + 1) });
      at += 2;
    } else if (line.startsWith("$?", at)) {
      word.push({ exitCode: true });
      at += 2;
    } else if (special.test(char)) throw new SyntaxNotSimulated(line.slice(at, at + 20));
    else {
      const plain = /^[^\s;'"\\|&<>()`$*?[\]{}~#!=]+/.exec(line.slice(at))?.[0] ?? char;
      word.push({ text: plain });
      at += plain.length;
    }
  }
  return at;
}

function readSingleQuoted(line: string, start: number, word: Piece[]): number {
  const end = line.indexOf("'", start + 1);
  if (end < 0) throw new SyntaxNotSimulated("a single quote that is not closed");
  word.push({ text: line.slice(start + 1, end) });
  return end + 1;
}

function readDoubleQuoted(line: string, start: number, word: Piece[]): number {
  let text = "";
  let at = start + 1;
  for (; line.charAt(at) !== '"'; at += 1) {
    if (at >= line.length) throw new SyntaxNotSimulated("a double quote that is not closed");
    const char = line.charAt(at);
    const next = line.charAt(at + 1);
    if (char === "\\" && next !== "" && '$`"\\'.includes(next)) {
      text += next;
      at += 1;
    } else if (char === "$" && next === "?") {
      word.push({ text }, { exitCode: true });
      text = "";
      at += 1;
    } else if (char === "$" || char === "`") throw new SyntaxNotSimulated(line.slice(at, at + 20));
    else text += char;
  }
  word.push({ text });
  return at + 1;
}
