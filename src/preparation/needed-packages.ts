import type { Host } from "../core/inventory.ts";
import type { Step } from "../core/plan.ts";
import type { OsRelease } from "../host/os-release.ts";
import {
  configurePackages,
  installPackages,
  listInstalledDebs,
  listInstalledRpms,
  type PackageManager,
  refreshPackageLists,
} from "../host/package-manager.ts";
import { NEEDED_PACKAGES } from "../host/packages.ts";
import { checking, type Difference } from "./difference.ts";

const packagesOf = (family: "rhel" | "debian"): string[] => NEEDED_PACKAGES.map((names) => names[family]);

/** What is installed is asked of both package managers; only the host's own answers. */
export const packageReads = {
  debs: listInstalledDebs(packagesOf("debian")),
  rpms: listInstalledRpms(packagesOf("rhel")),
};

export const neededOn = ({ family }: OsRelease): readonly string[] =>
  family === "rhel" || family === "debian" ? packagesOf(family) : [];

/** RHEL 7 and what is made of it have yum, later ones dnf. */
const managerOf = ({ id, family, version }: OsRelease): PackageManager => {
  if (family === "debian") return "apt-get";
  const major = Number.parseInt(version ?? "", 10);
  return major === 7 || (id === "alinux" && major === 2) ? "yum" : "dnf";
};

/** What `missing`, which is not empty, leaves to do where nothing shall be installed. */
export const lackedPackages = (host: Host, missing: readonly string[]): Difference => ({
  host,
  what: "packages",
  now: `lacks ${missing.join(", ")}`,
  wanted: "installed, with install=true",
  steps: [],
});

/** `missing` is not empty; on a Debian host the lists are made fresh first, and what was interrupted is ended. */
export function packageDifference(host: Host, os: OsRelease, missing: readonly string[]): Difference {
  const manager = managerOf(os);
  const refresh: Step = { host, command: refreshPackageLists, why: "what the mirrors have now" };
  const configure: Step = { host, command: configurePackages, why: "ends an installation that was interrupted" };
  const installed = os.family === "debian" ? packageReads.debs : packageReads.rpms;
  const check = checking(installed, (names) => {
    const lacking = missing.filter((name) => !names.includes(name));
    return lacking.length === 0 ? null : `still lacks ${lacking.join(", ")}`;
  });
  return {
    ...lackedPackages(host, missing),
    wanted: `installed by ${manager}`,
    steps: [
      ...(manager === "apt-get" ? [refresh, configure] : []),
      { host, command: installPackages(manager, missing), why: `brings ${missing.join(", ")}` },
      { host, check, why: "proves that they are installed" },
    ],
  };
}
