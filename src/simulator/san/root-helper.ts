import { findFile } from "../programs/file-tree.ts";
import { complained, type Result } from "./program.ts";
import type { SanHost } from "./san-state.ts";

/** The root helper of a simulated host: it keeps to the list in the file that is installed there. */

interface Request {
  readonly mark: string;
  readonly commands: readonly { readonly seconds: number; readonly unit: string; readonly argv: readonly string[] }[];
  readonly stdin: string;
}

const refused = (why: string): Result => complained(`zstack-chatops-run: ${why}\n`, 126);

/** What it does for a request: a result without running anything, or a script for a shell and its standard input. */
export function byRootHelper(
  host: SanHost,
  text: string,
  input: string,
): Result | { readonly script: string; readonly stdin: string } {
  const version = /^# zstack-chatops-run (\S+)$/m.exec(text)?.[1] ?? "unknown";
  const list = listIn(text);
  const request = requestIn(input);
  if (typeof request === "string") return refused(request);
  const { mark, commands, stdin } = request;
  if (commands.length === 0) return { stdout: `zstack-chatops-run ${version}\n`, stderr: "", exitCode: 0 };
  const end = `printf '\\n%s\\n' '${mark}' >&2`;
  const lines = commands.flatMap(({ seconds, unit, argv }) => {
    if (!list.allows(host, argv, stdin) || !list.knowsUnit(unit)) {
      const why = `zstack-chatops-run: not in its list: ${argv.join(" ").slice(0, 300)}`;
      return [`${quoted(["printf", "%s\\n", why])} >&2`, `printf '\\n%s %d\\n' '${mark}' 126`, end];
    }
    const line = quoted(["timeout", "--kill-after=5", String(seconds), ...argv]);
    const isActive = quoted(["timeout", "--kill-after=5", "2", "systemctl", "is-active", "--quiet", unit]);
    const ran = `printf '\\n%s %d\\n' '${mark}' "$?"`;
    return unit === "" ? [line, ran, end] : [isActive, `test "$?" -ne 3 && ${line}`, ran, end];
  });
  return { script: [end, ...lines].join("; "), stdin };
}

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");

function requestIn(input: string): Request | string {
  const bytes = Buffer.from(input);
  let at = 0;
  const field = (): string => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new Error("the request is cut off");
    const text = bytes.toString("utf8", at, end);
    at = end + 1;
    return text;
  };
  try {
    if (field() !== "zstack-chatops-run") return "standard input is no request";
    if (field() !== "1") return "the form of the request is unknown";
    const mark = field();
    const [count, length] = [Number(field()), Number(field())];
    const commands = Array.from({ length: count }, () => {
      const [seconds, unit, words] = [Number(field()), field(), Number(field())];
      return { seconds, unit, argv: Array.from({ length: words }, field) };
    });
    const stdin = bytes.toString("utf8", at);
    return bytes.length - at === length ? { mark, commands, stdin } : "the request is cut off";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Form {
  readonly regex: RegExp;
  /** `<class>`, the path of a settings file, or none. */
  readonly takes: string | undefined;
}

interface List {
  allows(host: SanHost, argv: readonly string[], stdin: string): boolean;
  knowsUnit(unit: string): boolean;
}

const lists = new Map<string, List>();

/** The list after the program's end: `class NAME = REGEX`, `settings PATH <…> <…>` and `run WORDS`. */
export function listIn(text: string): List {
  const known = lists.get(text);
  if (known !== undefined) return known;
  const lines = text.slice(text.indexOf("\n__DATA__\n")).split("\n");
  const classes = new Map(lines.flatMap((line) => pairOf(/^class ([a-z-]+) = (.*)$/.exec(line))));
  const settings = new Map(
    lines.flatMap((line) => {
      const [, path, setting = "", own = ""] = /^settings (\S+) <([a-z-]+)> <([a-z-]+)>$/.exec(line) ?? [];
      return path === undefined
        ? []
        : [[path, [classes.get(setting) ?? "(?!)", classes.get(own) ?? "(?!)"] as const] as const];
    }),
  );
  const forms = lines.flatMap((line): Form[] => {
    const [, words, takes] = /^run (.+?)(?: << (\S+))?$/.exec(line) ?? [];
    return words === undefined ? [] : [{ regex: regexOf(words, classes), takes }];
  });
  const takesInput = (host: SanHost, { takes }: Form, stdin: string): boolean => {
    if (takes === undefined) return stdin === "";
    const name = /^<([a-z-]+)>$/.exec(takes)?.[1];
    if (name !== undefined) return wholly(classes.get(name) ?? "(?!)").test(stdin);
    const [setting = "(?!)", own = "(?!)"] = settings.get(takes) ?? [];
    return changesSettingsOnly(findFile(host, takes)?.content ?? "", stdin, setting, own);
  };
  const list: List = {
    allows: (host, argv, stdin) => {
      const line = argv.map((word) => `\0${word}`).join("");
      return forms.some((form) => form.regex.test(line) && takesInput(host, form, stdin));
    },
    knowsUnit: (unit) => unit === "" || wholly(classes.get("unit") ?? "(?!)").test(unit),
  };
  lists.set(text, list);
  return list;
}

const pairOf = (match: RegExpExecArray | null): [string, string][] =>
  match === null ? [] : [[match[1] ?? "", match[2] ?? ""]];
const wholly = (regex: string): RegExp => new RegExp(`^(?:${regex})$(?![\\s\\S])`);

function regexOf(words: string, classes: ReadonlyMap<string, string>): RegExp {
  const regex = words.split(" ").map((word) => {
    if (word === "<(>") return "(?:";
    if (word === "<)*>") return ")*";
    const isRepeated = word.endsWith("...");
    const parts = (isRepeated ? word.slice(0, -3) : word).split(/(<[a-z-]+>)/).map((part) => {
      const name = /^<([a-z-]+)>$/.exec(part)?.[1];
      return name === undefined ? literally(part) : `(?:${classes.get(name) ?? "(?!)"})`;
    });
    return isRepeated ? `(?:\\x00${parts.join("")})+` : `\\x00${parts.join("")}`;
  });
  return wholly(regex.join(""));
}

const literally = (text: string): string =>
  text
    .replaceAll("\\e", "")
    .replace(/\\x([0-9a-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** Of a line that differs from the lines of the file. */
const MOST_LINE = 120;

/** Each new line is a line of the file, differs from one by settings only, or is one of the bot's own lines. */
function changesSettingsOnly(now: string, next: string, setting: string, own: string): boolean {
  const bare = (line: string): string =>
    line
      .replace(new RegExp(`^[ \\t]*#[ \\t]*(?:${setting})[ \\t]*$`), "")
      .replace(new RegExp(`(?<![^ \\t{])(?:${setting})(?![^ \\t}#])`, "g"), "")
      .replace(/[ \t]+/g, " ")
      .replace(/^ | $/g, "");
  const lines = new Set(now.split(/\r?\n/));
  const bareLines = new Set([...lines].map(bare));
  return next
    .replace(/\r?\n$/, "")
    .split(/\r?\n/)
    .every(
      (line) =>
        lines.has(line) ||
        (line.length <= MOST_LINE &&
          ([bare(line), `${bare(line)} }`].some((each) => bareLines.has(each)) || wholly(own).test(bare(line)))),
    );
}
