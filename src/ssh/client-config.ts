import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import SSHConfig, { type Line, LineType } from "ssh-config";

/** What OpenSSH's configuration says of one host name. null: it says nothing. */
export interface HostSettings {
  readonly hostName: string | null;
  readonly port: number | null;
  readonly user: string | null;
  /** The jump hosts, the first one first: `user@host:port`. Empty: `none`, or nothing. */
  readonly jumps: readonly string[];
}

/** The keywords that the bot reads. All others, and programs that they name, are without effect. */
const READ: ReadonlyMap<string, string> = new Map(
  ["Host", "Match", "HostName", "Port", "User", "ProxyJump"].map((name) => [name.toLowerCase(), name]),
);
const MOST_BYTES = 1024 * 1024;
const MOST_FILES = 100;
const DEEPEST = 16;

/** OpenSSH's client configuration, as far as the bot reads it. */
export class ClientConfig {
  readonly #config: SSHConfig;

  /** Throws if a file can't be read, or says what the bot can't do. */
  static async read(path: string): Promise<ClientConfig> {
    return new ClientConfig(await linesOf(path, { files: 0, bytes: 0 }, 0));
  }

  private constructor(lines: readonly Line[]) {
    this.#config = new SSHConfig();
    for (const line of lines) this.#config.push(line);
  }

  /** `host`: as people type it. Throws if a value can't be used. */
  of(host: string): HostSettings {
    // No program of a `Match exec` is run: the bot would wait for it.
    const found = this.#config.compute(host, { matchExec: false });
    const textOf = (name: string): string | null => {
      const value: unknown = found[name];
      const text: unknown = Array.isArray(value) ? value[0] : value;
      return typeof text === "string" && text.trim() !== "" ? text.trim() : null;
    };
    const hostName = textOf("HostName");
    const resolved = hostName === null ? host : expanded("HostName", hostName, { h: host });
    const jump = textOf("ProxyJump");
    const jumps = jump === null || jump.toLowerCase() === "none" ? [] : jump.split(",").map((each) => each.trim());
    return {
      hostName: hostName === null ? null : resolved,
      port: portIn(textOf("Port")),
      user: textOf("User"),
      jumps: jumps.map((each) => expanded("ProxyJump", each, { h: resolved, n: host })),
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

/** The lines that count, with those of included files in their place. */
async function linesOf(path: string, read: { files: number; bytes: number }, depth: number): Promise<Line[]> {
  const { size } = await stat(path);
  read.files++;
  read.bytes += size;
  if (read.bytes > MOST_BYTES || read.files > MOST_FILES || depth > DEEPEST) {
    throw new Error(`it includes more than ${MOST_FILES} files, 1 MiB or ${DEEPEST} levels`);
  }
  const lines: Line[] = [];
  for (const line of SSHConfig.parse(await readFile(path, "utf8"))) {
    if (line.type !== LineType.DIRECTIVE) continue;
    if (isInclude(line)) {
      for (const file of await includedFiles(line)) lines.push(...(await linesOf(file, read, depth + 1)));
      continue;
    }
    const kept = keptLine(line);
    if (kept !== null) lines.push(kept);
  }
  return lines;
}

type Directive = Extract<Line, { type: LineType.DIRECTIVE }>;

const isInclude = ({ param }: Directive): boolean => param.toLowerCase() === "include";

/** A line with its keyword as OpenSSH's manual writes it; null if the bot does not read it. */
function keptLine(line: Directive): Line | null {
  const param = READ.get(line.param.toLowerCase());
  if (param === undefined) return null;
  if (!("config" in line)) return { ...line, param };
  const config = new SSHConfig();
  for (const each of line.config) {
    if (each.type !== LineType.DIRECTIVE) continue;
    if (isInclude(each)) throw new Error("it has an Include inside of Host or Match: move it before the first Host");
    const kept = keptLine(each);
    if (kept !== null) config.push(kept);
  }
  return { ...line, param, config };
}

/** A pattern may be in the last part of a path. What does not exist is no file, as for OpenSSH. */
async function includedFiles({ value }: Directive): Promise<string[]> {
  const paths = typeof value === "string" ? [value] : value.map(({ val }) => val);
  const found = await Promise.all(
    paths.map(async (path) => {
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
