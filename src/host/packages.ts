import { change } from "../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, ONE } from "../core/limits.ts";
import { linesOf } from "./output.ts";

interface Packages {
  /** The package's name in the RHEL family. */
  readonly rhel: string;
  readonly debian: string;
}

const both = (name: string): Packages => ({ rhel: name, debian: name });
const MULTIPATH: Packages = { rhel: "device-mapper-multipath", debian: "multipath-tools" };

const PACKAGES: ReadonlyMap<string, Packages> = new Map([
  ...["multipath", "multipathd"].map((program) => [program, MULTIPATH] as const),
  ["mpathconf", MULTIPATH],
  ["modprobe", both("kmod")],
  ...["dpkg", "dpkg-query"].map((program) => [program, both("dpkg")] as const),
  ["apt-get", both("apt")],
  ["rpm", both("rpm")],
  ["hostname", both("hostname")],
  ["lsscsi", both("lsscsi")],
  ["sg_readcap", { rhel: "sg3_utils", debian: "sg3-utils" }],
  ["find", both("findutils")],
  ["grep", both("grep")],
  ["ps", { rhel: "procps-ng", debian: "procps" }],
  ["losetup", { rhel: "util-linux", debian: "mount" }],
  ...["lsblk", "wipefs"].map((program) => [program, both("util-linux")] as const),
  ...[
    "vgs",
    "pvs",
    "lvs",
    "vgcreate",
    "vgchange",
    "vgextend",
    "vgremove",
    "pvresize",
    "pvchange",
    "pvremove",
    "lvchange",
    "lvremove",
    "lvmconfig",
  ].map((program) => [program, both("lvm2")] as const),
  ["dmsetup", { rhel: "device-mapper", debian: "dmsetup" }],
  ...["lvmlockctl", "lvmlockd"].map((program) => [program, both("lvm2-lockd")] as const),
  ["sanlock", both("sanlock")],
  ["virsh", { rhel: "libvirt-client", debian: "libvirt-clients" }],
  ["iscsiadm", { rhel: "iscsi-initiator-utils", debian: "open-iscsi" }],
  ["sed", both("sed")],
  ["cmp", both("diffutils")],
  ...["systemctl", "hostnamectl"].map((program) => [program, both("systemd")] as const),
  ["udevadm", { rhel: "systemd-udev", debian: "udev" }],
  ["sudo", both("sudo")],
  ...["cat", "chmod", "cp", "date", "dd", "env", "ls", "mkdir", "od", "readlink", "sha256sum", "sleep", "tee"].map(
    (program) => [program, both("coreutils")] as const,
  ),
  ...["test", "timeout", "uname"].map((program) => [program, both("coreutils")] as const),
]);

/** The packages of a program; null for a program that the bot does not run. */
export const packageOf = (program: string): Packages | null => PACKAGES.get(program) ?? null;

/**
 * The packages that a host of Shared Block storage needs, other than those of every system, by one program each. iSCSI
 * is included because ZStack's agent installs it on every host. libvirt is not: without it, no VM runs.
 */
const PROGRAMS = ["multipath", "vgs", "lvmlockd", "sanlock", "lsscsi", "sg_readcap", "iscsiadm", "cmp", "modprobe"];
export const NEEDED_PACKAGES: readonly Packages[] = PROGRAMS.flatMap((program) => packageOf(program) ?? []);
export const isNeeded = ({ debian }: Packages): boolean => NEEDED_PACKAGES.some((names) => names.debian === debian);

/** `lvm2`, or `sg3_utils (RHEL family) or sg3-utils (Debian family)`. */
export const packageNames = ({ rhel, debian }: Packages): string =>
  rhel === debian ? rhel : `${rhel} (RHEL family) or ${debian} (Debian family)`;

/** Which of these packages dpkg has installed. A removed package with kept settings does not count. */
export const listInstalledDebs = (names: readonly string[]): ReadCommand<string[]> => ({
  effect: "read",
  argv: ["dpkg-query", "--show", `--showformat=\${Package} \${db:Status-Status}\\n`, "--", ...names],
  timeoutMs: 10_000,
  limits: FEW,
  // 1 if it does not know one of them. It reports that on standard error, and the others on standard output.
  exitCodes: [0, 1],
  parse: ({ stdout }) =>
    linesOf(stdout)
      .filter((line) => line !== "")
      .flatMap((line) => {
        const [name, status, ...more] = line.split(" ");
        if (!name || !status || more.length > 0)
          throw new OutputNotUnderstood("dpkg-query", line, "package and status");
        return status === "installed" ? [name] : [];
      }),
});

/**
 * Which of these packages rpm has installed, by these names or by others that provide them: openEuler's
 * `multipath-tools` provides `device-mapper-multipath`. For a missing package it prints one of
 *
 *     no package provides sanlock
 *     package sanlock is not installed
 */
export const listInstalledRpms = (names: readonly string[]): ReadCommand<string[]> => ({
  effect: "read",
  argv: ["rpm", "--query", "--whatprovides", "--queryformat=%{NAME}\\n", ...names],
  timeoutMs: 20_000,
  limits: FEW,
  // The number of missing packages.
  exitCodes: Array.from({ length: names.length + 1 }, (_, lacking) => lacking),
  parse: ({ stdout }) => {
    const lines = linesOf(stdout).filter((line) => line !== "");
    const unexpected = lines.find((line) => !LACKED.test(line) && !/^[A-Za-z0-9][\w.+-]*$/.test(line));
    if (unexpected !== undefined) throw new OutputNotUnderstood("rpm", unexpected, "a package that was asked for");
    const lacked = lines.flatMap(
      (line) =>
        LACKED.exec(line)
          ?.slice(1)
          .find((name) => name !== undefined) ?? [],
    );
    const installed = names.filter((name) => !lacked.includes(name));
    if (lines.length < names.length) throw new OutputNotUnderstood("rpm", stdout.trim(), "a line for each package");
    return installed;
  },
});

const LACKED = /^(?:no package provides (\S+)|package (\S+) is not installed)$/;

export type PackageManager = "apt-get" | "dnf" | "yum";

const MANAGERS = ["apt-get", "dnf", "yum", "zypper"] as const;

/** The package managers of the host. */
export const listPackageManagers: ReadCommand<(PackageManager | "zypper")[]> = {
  effect: "read",
  argv: ["ls", "--directory", "--", ...MANAGERS.map((name) => `/usr/bin/${name}`)],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 2],
  parse: ({ stdout }) => MANAGERS.filter((name) => linesOf(stdout).includes(`/usr/bin/${name}`)),
};

/** On a Debian host: its lists may be older than the packages on its mirrors. */
export const refreshPackageLists = change(["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120", "update"], {
  timeoutMs: 300_000,
});

/**
 * Completes an interrupted installation on a Debian host; apt-get refuses to install before that. No effect if nothing
 * is left.
 */
export const configurePackages = change(
  ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "--configure", "-a"],
  { timeoutMs: 900_000 },
);

/** Asks nothing. Existing settings files are unchanged. */
export const installPackages = (manager: PackageManager, names: readonly string[]) =>
  change(manager === "apt-get" ? [...APT_INSTALL, ...names] : [manager, "--assumeyes", "install", ...names], {
    timeoutMs: 900_000,
  });

const APT_INSTALL = [
  "env",
  "DEBIAN_FRONTEND=noninteractive",
  "apt-get",
  "--quiet",
  "--yes",
  "--no-install-recommends",
  "-o",
  "DPkg::Lock::Timeout=120",
  "-o",
  "Dpkg::Options::=--force-confold",
  "install",
] as const;
