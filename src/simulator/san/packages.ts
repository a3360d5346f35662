import type { SanHost } from "./san-state.ts";

/** One package of the catalogue: its names in both families, and what it provides. */
interface SanPackage {
  readonly debian: string;
  readonly rhel: string;
  readonly programs: readonly string[];
  readonly units: readonly string[];
  /** Those of the RHEL family if they differ. */
  readonly rhelUnits?: readonly string[];
}

const catalogue: readonly SanPackage[] = [
  {
    debian: "multipath-tools",
    rhel: "device-mapper-multipath",
    programs: ["multipath", "multipathd", "mpathconf"],
    units: ["multipathd.service", "multipathd.socket"],
  },
  {
    debian: "lvm2",
    rhel: "lvm2",
    programs: [
      "lvchange",
      "lvmconfig",
      "lvremove",
      "lvs",
      "pvchange",
      "pvremove",
      "pvresize",
      "pvs",
      "vgchange",
      "vgcreate",
      "vgextend",
      "vgremove",
      "vgs",
    ],
    units: [],
  },
  { debian: "lvm2-lockd", rhel: "lvm2-lockd", programs: ["lvmlockctl"], units: ["lvmlockd.service"] },
  { debian: "sanlock", rhel: "sanlock", programs: ["sanlock"], units: ["sanlock.service", "wdmd.service"] },
  {
    debian: "open-iscsi",
    rhel: "iscsi-initiator-utils",
    programs: ["iscsiadm"],
    units: ["iscsid.service", "open-iscsi.service"],
    rhelUnits: ["iscsid.service", "iscsi.service", "iscsi-starter.service"],
  },
  { debian: "lsscsi", rhel: "lsscsi", programs: ["lsscsi"], units: [] },
  { debian: "sg3-utils", rhel: "sg3_utils", programs: ["sg_readcap"], units: [] },
  { debian: "diffutils", rhel: "diffutils", programs: ["cmp"], units: [] },
  { debian: "kmod", rhel: "kmod", programs: ["modprobe"], units: [] },
  // dnf and yum also take a file of a package.
  { debian: "perl-base", rhel: "/usr/bin/perl", programs: ["perl"], units: [] },
];

type Family = "debian" | "rhel";

/** From /etc/os-release: a change of that file changes the distribution of the host. */
export const familyOf = (host: SanHost): Family =>
  /^ID(_LIKE)?=.*\b(rhel|fedora|centos|rocky|almalinux|openEuler|kylin|uos|helix)\b/m.test(release(host))
    ? "rhel"
    : "debian";

const release = (host: SanHost): string => host.files.find((file) => file.path === "/etc/os-release")?.content ?? "";

/** A host of the RHEL 7 kind: LVM 2.02, multipath 0.4.9, yum. */
export const isRhel7 = (host: SanHost): boolean =>
  familyOf(host) === "rhel" && /^VERSION_ID="?7\b/m.test(release(host));

/** openEuler's names of packages with other names in RHEL; it provides RHEL's names too. */
const provided: ReadonlyMap<string, string> = new Map([
  ["device-mapper-multipath", "multipath-tools"],
  ["iscsi-initiator-utils", "open-iscsi"],
]);

/** rpm's name of a package of the catalogue. */
export const rpmName = (host: SanHost, name: string): string =>
  /^ID="?(openEuler|kylin)/m.test(release(host)) ? (provided.get(name) ?? name) : name;

/** The catalogue's name of a package of rpm. */
export const catalogueName = (host: SanHost, name: string): string =>
  [...provided.keys()].find((each) => rpmName(host, each) === name) ?? name;

/** Before LVM 2.03 its lock daemon's unit has another name. */
export const lockDaemonUnit = (host: SanHost): string => (isRhel7(host) ? "lvm2-lvmlockd.service" : "lvmlockd.service");

const foreign: Readonly<Record<Family, readonly string[]>> = {
  debian: ["mpathconf", "rpm", "dnf", "yum"],
  rhel: ["dpkg", "dpkg-query", "apt-get"],
};

/** Whether the host has the program: its distribution knows it, and its package is installed. */
export function hasProgram(host: SanHost, program: string): boolean {
  const family = familyOf(host);
  if (foreign[family].includes(program) || (program === "dnf" && isRhel7(host))) return false;
  const own = catalogue.find((one) => one.programs.includes(program));
  return own === undefined || !host.missingPackages.includes(own[family]);
}

const unitsIn = ({ units, rhelUnits }: SanPackage, family: Family): readonly string[] =>
  family === "rhel" ? (rhelUnits ?? units) : units;

export function hasUnit(host: SanHost, unit: string): boolean {
  const family = familyOf(host);
  const own = catalogue.find((one) => [...one.units, ...(one.rhelUnits ?? [])].includes(unit));
  return own === undefined || (unitsIn(own, family).includes(unit) && !host.missingPackages.includes(own[family]));
}

export const isKnown = (host: SanHost, name: string): boolean => catalogue.some((one) => one[familyOf(host)] === name);

export const isInstalled = (host: SanHost, name: string): boolean =>
  isKnown(host, name) && !host.missingPackages.includes(name);

export const unitsOf = (host: SanHost, name: string): readonly string[] =>
  catalogue.flatMap((one) => (one[familyOf(host)] === name ? unitsIn(one, familyOf(host)) : []));
