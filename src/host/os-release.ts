import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";
import { parseEach } from "../core/not-understood.ts";
import { linesOf } from "./output.ts";

export type OsFamily = "rhel" | "debian" | "suse" | "other";
export interface OsRelease {
  /** `rocky`, `debian`, … */
  readonly id: string;
  /** From the file. If the file does not show it, the installed package manager does. */
  readonly family: OsFamily;
  /** `9.3`, `12`; null for a rolling release. */
  readonly version: string | null;
  readonly prettyName: string;
}

export const readOsRelease: ReadCommand<OsRelease> = {
  effect: "read",
  argv: ["cat", "/etc/os-release"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0],
  parse: ({ stdout }, note) => {
    const lines = linesOf(stdout).filter((line) => !/^\s*(?:#|$)/.test(line));
    // Each line is independent: one that is not understood does not affect the others.
    const values = new Map(
      parseEach(
        lines,
        (line) => [assignment(line)],
        () => [],
        note,
      ),
    );
    if (values.size === 0) throw new OutputNotUnderstood("cat", stdout, "ID=… of /etc/os-release");
    // The file's own default.
    const id = values.get("ID") || "linux";
    const family = familyOf(id, (values.get("ID_LIKE") ?? "").split(/\s+/));
    return {
      id,
      family,
      version: values.get("VERSION_ID") || null,
      prettyName: values.get("PRETTY_NAME") || values.get("NAME") || id,
    };
  },
};

/** `PRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"`: a shell assignment, quoted or not. */
function assignment(line: string): [string, string] {
  const [, name, raw] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
  if (name === undefined || raw === undefined) throw new OutputNotUnderstood("cat", line.trim(), "NAME=value");
  const quoted = /^(["'])(.*?)(?<!\\)\1(?:\s+#.*)?$/.exec(raw);
  return [name, (quoted?.[2] ?? raw.replace(/\s+#.*$/, "")).replace(/\\(["'$`\\])/g, "$1")];
}

const FAMILIES: Readonly<Record<Exclude<OsFamily, "other">, readonly string[]>> = {
  rhel: [
    ...["rhel", "centos", "fedora", "rocky", "almalinux", "ol", "scientific", "eurolinux", "cloudlinux", "amzn"],
    ...["anolis", "alinux", "opencloudos", "tencentos", "openeuler", "euleros", "hce", "bclinux", "ctyunos", "culinux"],
    // ZStack's own, and others that it supports as hosts.
    ...["zstack", "helix", "nfschina", "nfs", "azalea", "neokylin", "kylinsec", "alios", "asianux", "redflag"],
  ],
  debian: ["debian", "ubuntu", "deepin", "openkylin", "linuxmint"],
  suse: ["suse", "sles", "sled", "sle_hpc", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sl-micro"],
};

/** Servers of these makers are RPM systems without ID_LIKE. Their desktops have ID_LIKE=debian. */
const OF_TWO_KINDS: readonly string[] = ["kylin", "uos", "uniontech"];

function familyOf(id: string, like: readonly string[]): OsFamily {
  const families = [id, ...like].flatMap((each) => familyNamed(each) ?? []);
  return families[0] ?? (OF_TWO_KINDS.includes(id.toLowerCase()) ? "rhel" : "other");
}

function familyNamed(id: string): OsFamily | null {
  const name = id.toLowerCase();
  if (FAMILIES.rhel.includes(name)) return "rhel";
  if (FAMILIES.debian.includes(name)) return "debian";
  return FAMILIES.suse.includes(name) ? "suse" : null;
}
