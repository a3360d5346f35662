import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { linesOf } from "./lines.ts";

export type OsFamily = "rhel" | "debian" | "other";
export interface OsRelease {
  /** `rocky`, `debian`, … */
  readonly id: string;
  readonly family: OsFamily;
  /** `9.3`, `12`; null for what rolls on without numbers. */
  readonly version: string | null;
  readonly prettyName: string;
}

export const readOsRelease: ReadCommand<OsRelease> = {
  effect: "read",
  argv: ["cat", "/etc/os-release"],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: ({ stdout }) => {
    const values = new Map(linesOf(stdout).flatMap(assignment));
    const id = values.get("ID");
    if (id === undefined || id === "") throw new OutputNotUnderstood("cat", stdout, "ID=… of /etc/os-release");
    const family = familyOf([id, ...(values.get("ID_LIKE") ?? "").split(/\s+/)]);
    return {
      id,
      family,
      version: values.get("VERSION_ID") || null,
      prettyName: values.get("PRETTY_NAME") || values.get("NAME") || id,
    };
  },
};

/** `PRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"`: a shell assignment, quoted or not. */
function assignment(line: string): [string, string][] {
  const [, name, raw] = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim()) ?? [];
  if (name === undefined || raw === undefined) return [];
  const quoted = /^(["'])(.*)\1$/.exec(raw);
  return [[name, (quoted?.[2] ?? raw).replace(/\\(["'$`\\])/g, "$1")]];
}

const RHEL = new Set(["rhel", "centos", "fedora", "rocky", "almalinux", "ol", "anolis", "alinux"]);
const DEBIAN = new Set(["debian", "ubuntu"]);

function familyOf(ids: readonly string[]): OsFamily {
  if (ids.some((id) => RHEL.has(id))) return "rhel";
  return ids.some((id) => DEBIAN.has(id)) ? "debian" : "other";
}

export const readHostname: ReadCommand<string> = {
  effect: "read",
  argv: ["uname", "-n"],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: ({ stdout }) => {
    const name = stdout.trim();
    if (!/^\S+$/.test(name)) throw new OutputNotUnderstood("uname", stdout, "a host name");
    return name;
  },
};
