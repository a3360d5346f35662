import { check } from "../core/check.ts";
import type { Host } from "../core/inventory.ts";
import type { Step } from "../core/step.ts";
import type { OsFamily, OsRelease } from "../host/os-release.ts";
import {
  configurePackages,
  installPackages,
  listInstalledDebs,
  listInstalledRpms,
  listPackageManagers,
  NEEDED_PACKAGES,
  type PackageManager,
  refreshPackageLists,
} from "../host/packages.ts";
import type { Difference } from "./difference.ts";

const packagesOf = (family: "rhel" | "debian"): string[] => NEEDED_PACKAGES.map((names) => names[family]);

/** Both package managers are asked what is installed. Only the host's own one answers. */
export const packageReads = {
  debs: listInstalledDebs(packagesOf("debian")),
  rpms: listInstalledRpms(packagesOf("rhel")),
  managers: listPackageManagers,
};

export const packagesNeededOn = ({ family }: OsRelease): readonly string[] =>
  family === "rhel" || family === "debian" ? packagesOf(family) : [];

/**
 * The family of a distribution: by its own name, then by its package manager. If it has only the other family's package
 * manager, it counts as that family.
 */
export function familyOn({ family }: Pick<OsRelease, "family">, managers: Managers): OsFamily {
  const rhel = managers.includes("dnf") || managers.includes("yum");
  const debian = managers.includes("apt-get");
  if (family === "suse" || (family === "rhel" && (rhel || !debian)) || (family === "debian" && (debian || !rhel))) {
    return family;
  }
  if (rhel) return "rhel";
  if (debian) return "debian";
  return managers.includes("zypper") ? "suse" : family;
}
type Managers = readonly (PackageManager | "zypper")[];

/** RHEL 7 and distributions based on it have yum; later ones have dnf. */
export function managerOn({ id, family, version }: OsRelease, managers: Managers): PackageManager {
  if (family === "debian") return "apt-get";
  const major = Number.parseInt(version ?? "", 10);
  const [usual, other] = major === 7 || (id === "alinux" && major === 2) ? YUM_FIRST : DNF_FIRST;
  return managers.includes(usual) || !managers.includes(other) ? usual : other;
}
const YUM_FIRST = ["yum", "dnf"] as const;
const DNF_FIRST = ["dnf", "yum"] as const;

/** What remains to do if nothing is to be installed. `missing` is not empty. */
export const lackedPackages = (host: Host, missing: readonly string[]): Difference => ({
  host,
  what: "packages",
  now: `lacks ${missing.join(", ")}`,
  wanted: "installed, with install=true",
  steps: [],
});

/**
 * Installs `missing`, which is not empty. On a Debian host the package lists are refreshed first, and an interrupted
 * installation is completed.
 */
export function packageDifference(host: Host, manager: PackageManager, missing: readonly string[]): Difference {
  const refresh: Step = { host, command: refreshPackageLists, why: "reads the package lists of the mirrors" };
  const configure: Step = { host, command: configurePackages, why: "ends an installation that was interrupted" };
  const installed = manager === "apt-get" ? packageReads.debs : packageReads.rpms;
  const proof = check(installed, (names) => {
    const lacking = missing.filter((name) => !names.includes(name));
    return lacking.length === 0 ? null : `still lacks ${lacking.join(", ")}`;
  });
  return {
    ...lackedPackages(host, missing),
    wanted: `installed by ${manager}`,
    steps: [
      ...(manager === "apt-get" ? [refresh, configure] : []),
      { host, command: installPackages(manager, missing), why: `brings ${missing.join(", ")}` },
      { host, check: proof, why: "proves that they are installed" },
    ],
  };
}
