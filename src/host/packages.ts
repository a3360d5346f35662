export interface Packages {
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
  ...["cat", "cp", "date", "dd", "env", "ls", "mkdir", "od", "readlink", "sleep", "tee", "timeout", "uname"].map(
    (program) => [program, both("coreutils")] as const,
  ),
]);

/** The packages that bring a program; null for one we don't run. */
export const packageOf = (program: string): Packages | null => PACKAGES.get(program) ?? null;

/**
 * What a host of Shared Block storage needs beside what every system has, one program of each package. iSCSI is among it
 * as it is among what ZStack's agent installs on every host; libvirt is not: where it is missing, no machine runs.
 */
const PROGRAMS = ["multipath", "vgs", "lvmlockd", "sanlock", "lsscsi", "sg_readcap", "iscsiadm", "cmp", "modprobe"];
export const NEEDED_PACKAGES: readonly Packages[] = PROGRAMS.flatMap((program) => packageOf(program) ?? []);
export const isNeeded = ({ debian }: Packages): boolean => NEEDED_PACKAGES.some((names) => names.debian === debian);

/** `lvm2`, or `sg3_utils (RHEL family) or sg3-utils (Debian family)`. */
export const packageNames = ({ rhel, debian }: Packages): string =>
  rhel === debian ? rhel : `${rhel} (RHEL family) or ${debian} (Debian family)`;
