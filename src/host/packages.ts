export interface Packages {
  /** The package's name in the RHEL family. */
  readonly rhel: string;
  readonly debian: string;
}

const both = (name: string): Packages => ({ rhel: name, debian: name });
const MULTIPATH: Packages = { rhel: "device-mapper-multipath", debian: "multipath-tools" };

const PACKAGES: ReadonlyMap<string, Packages> = new Map([
  ...["multipath", "multipathd"].map((program) => [program, MULTIPATH] as const),
  ["lsscsi", both("lsscsi")],
  ...["lsblk", "wipefs"].map((program) => [program, both("util-linux")] as const),
  ...["vgs", "pvs", "vgcreate", "vgchange", "lvmconfig"].map((program) => [program, both("lvm2")] as const),
  ...["lvmlockctl", "lvmlockd"].map((program) => [program, both("lvm2-lockd")] as const),
  ["sanlock", both("sanlock")],
  ["cmp", both("diffutils")],
  ["systemctl", both("systemd")],
  ["udevadm", { rhel: "systemd-udev", debian: "udev" }],
  ["sudo", both("sudo")],
  ...["cat", "dd", "env", "ls", "mkdir", "tee", "timeout", "uname"].map(
    (program) => [program, both("coreutils")] as const,
  ),
]);

/** The packages that bring a program; null for one we don't run. */
export const packageOf = (program: string): Packages | null => PACKAGES.get(program) ?? null;
