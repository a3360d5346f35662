import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import SSHConfig, { type Line, LineType } from "ssh-config";
import { type Condition, ofHost, ofMatch } from "./block-condition.ts";

/** What OpenSSH's configuration says of one host name. null: it says nothing. */
export interface HostSettings {
  readonly hostName: string | null;
  readonly port: number | null;
  readonly user: string | null;
  /** The jump hosts, the first one first: `user@host:port`. Empty: `none`, or nothing. */
  readonly jumps: readonly string[];
}

/** The keywords that the bot reads. All others, and programs that they name, are without effect. */
const READ = ["hostname", "port", "user", "proxyjump"] as const;
type Keyword = (typeof READ)[number];

interface Setting {
  readonly keyword: Keyword;
  readonly value: string;
}

/** Settings that count under the same condition. */
interface Block {
  readonly condition: Condition;
  readonly settings: readonly Setting[];
}
const MOST_BYTES = 1024 * 1024;
const MOST_FILES = 100;
const DEEPEST = 16;

/** OpenSSH's client configuration, as far as the bot reads it. */
export class ClientConfig {
  readonly #blocks: readonly Block[];

  /** Throws if a file can't be read, or says what the bot can't do. */
  static async read(path: string): Promise<ClientConfig> {
    return new ClientConfig(await blocksOf(path, { files: 0, bytes: 0 }, 0));
  }

  private constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
  }

  /** `host`: as people type it. Throws if a value can't be used. */
  of(host: string): HostSettings {
    const found = new Map<Keyword, string>();
    const textOf = (keyword: Keyword): string | null => found.get(keyword) ?? null;
    const resolved = (): string => expanded("HostName", textOf("hostname") ?? "%h", { h: host });
    for (const { condition, settings } of this.#blocks) {
      if (!condition({ host, hostName: resolved, user: textOf("user") })) continue;
      // The first value counts.
      for (const { keyword, value } of settings) if (!found.has(keyword)) found.set(keyword, value);
    }
    const jump = textOf("proxyjump");
    const jumps = jump === null || jump.toLowerCase() === "none" ? [] : jump.split(",").map((each) => each.trim());
    return {
      hostName: textOf("hostname") === null ? null : resolved(),
      port: portIn(textOf("port")),
      user: textOf("user"),
      jumps: jumps.map((each) => expanded("ProxyJump", each, { h: resolved(), n: host })),
    };
  }
}

function portIn(text: string | null): number | null {
  if (text === null) return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new Error(`Port ${text.slice(0, 40)} is not a port`);
  return port;
}

/** The text with OpenSSH's tokens: `%h` is a host name. */
function expanded(keyword: string, text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replaceAll(/%(.?)/g, (token, sign: string) => {
    const value = sign === "%" ? "%" : tokens[sign];
    if (value === undefined)
      throw new Error(`${keyword} ${text.slice(0, 100)} has the token ${token}, which the bot does not know`);
    return value;
  });
}

/** The blocks of a file, with those of included files in their place. */
async function blocksOf(path: string, read: { files: number; bytes: number }, depth: number): Promise<Block[]> {
  const { size } = await stat(path);
  read.files++;
  read.bytes += size;
  if (read.bytes > MOST_BYTES || read.files > MOST_FILES || depth > DEEPEST) {
    throw new Error(`it includes more than ${MOST_FILES} files, 1 MiB or ${DEEPEST} levels`);
  }
  const blocks: Block[] = [];
  for (const line of parsed(await readFile(path, "utf8"))) {
    if (line.type !== LineType.DIRECTIVE) continue;
    if (isInclude(line)) {
      for (const file of await includedFiles(line)) blocks.push(...(await blocksOf(file, read, depth + 1)));
    } else blocks.push(...("config" in line ? blockOf(line) : always(line)));
  }
  return blocks;
}

/** The parser takes the word after `!final` for its pattern, and says nothing of the line if there is none. */
const NEGATED_ALONE = /^[ \t]*match[ \t=]+((?:.*[ \t=])?!(?:all|canonical|final)(?:[ \t].*)?)$/im;

function parsed(text: string): SSHConfig {
  try {
    return SSHConfig.parse(text);
  } catch (error) {
    const words = NEGATED_ALONE.exec(text)?.[1];
    if (words !== undefined) ofMatch(words.trim().split(/[ \t=]+/));
    throw error;
  }
}

type Directive = Extract<Line, { type: LineType.DIRECTIVE }>;
type Section = Extract<Line, { config: SSHConfig }>;

const isInclude = ({ param }: Directive): boolean => param.toLowerCase() === "include";

const wordsOf = ({ value }: Directive): string[] => (typeof value === "string" ? [value] : value.map(({ val }) => val));

/** None if the bot does not read the keyword. */
function settingIn(line: Directive): Setting[] {
  const keyword = READ.find((name) => name === line.param.toLowerCase());
  const [value = ""] = wordsOf(line).map((word) => word.trim());
  return keyword === undefined || value === "" ? [] : [{ keyword, value }];
}

/** A line before the first Host. */
const always = (line: Directive): Block[] => [{ condition: () => true, settings: settingIn(line) }];

/** None if nothing in it is for the bot: then it does not matter whether the block counts. */
function blockOf(section: Section): Block[] {
  const lines = section.config.filter((line) => line.type === LineType.DIRECTIVE);
  if (lines.some(isInclude)) {
    throw new Error("it has an Include inside of Host or Match: move it before the first Host");
  }
  const settings = lines.flatMap(settingIn);
  if (settings.length === 0) return [];
  const words = wordsOf(section);
  return [{ condition: section.param.toLowerCase() === "host" ? ofHost(words) : ofMatch(words), settings }];
}

/** A pattern may be in the last part of a path. What does not exist is no file, as for OpenSSH. */
async function includedFiles(line: Directive): Promise<string[]> {
  const found = await Promise.all(
    wordsOf(line).map(async (path) => {
      const at = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
      const absolute = isAbsolute(at) ? at : join(homedir(), ".ssh", at);
      const folder = dirname(absolute);
      const pattern = patternOf(absolute.slice(folder.length).replace(/^\//, ""));
      const names = await readdir(folder).catch(() => []);
      return names
        .filter((name) => pattern.test(name) && (!name.startsWith(".") || path.includes("/.")))
        .sort()
        .map((name) => join(folder, name));
    }),
  );
  return found.flat();
}

const patternOf = (name: string): RegExp =>
  new RegExp(
    `^${name
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
