import type { Facts } from "../core/facts.ts";
import { type Answers, answersIn } from "../core/host-command.ts";
import { quoted } from "../core/host-text.ts";
import type { Host } from "../core/inventory.ts";
import { valueOr } from "../core/outcome.ts";
import { readTextFile } from "../host/file.ts";
import { listAddresses, readHostname, STATIC_HOSTNAME } from "../host/hostname.ts";
import { readOsRelease } from "../host/os-release.ts";
import type { PackageManager } from "../host/packages.ts";
import { problemsOf } from "../storage/observe/host-view.ts";
import { isKnownByRegistration, type Neighbour } from "./addresses.ts";
import { hostsFileReads } from "./hosts-file.ts";
import { moduleReads } from "./kernel-modules.ts";
import { lockServiceReads } from "./lock-services.ts";
import { familyOn, managerOn, packageReads, packagesNeededOn } from "./needed-packages.ts";
import { type HelperSeen, helperReads, helperSeen } from "./root-helper.ts";

const hostReads = {
  os: readOsRelease,
  hostname: readHostname,
  hostnameAtBoot: readTextFile(STATIC_HOSTNAME),
  ...hostsFileReads,
  ...moduleReads,
  ...lockServiceReads,
};

const NO_HELPER = { helper: null, mayWriteHelper: null, hasPerl: null };

/** One host before it is prepared. */
export interface HostObservation {
  readonly host: Host;
  readonly seen: Answers<typeof hostReads>;
  readonly own: readonly string[] | null;
  readonly manager: PackageManager;
  /** null: the login user is root, which needs none. */
  readonly helper: HelperSeen | null;
  /** Packages that it needs and does not have. */
  readonly missing: readonly string[];
}
/** A host that can't be prepared now, and why. */
export interface Unread {
  readonly host: Host;
  readonly problems: readonly string[];
}

/** All reads of a host, in one round trip. */
export async function observeHost(host: Host, facts: Facts): Promise<HostObservation | Unread> {
  const reads = { ...hostReads, ...packageReads, addresses: listAddresses };
  // One round trip also with the reads of the root helper.
  const withHelper = host.user === "root" ? null : await facts.gather(host, { ...reads, ...helperReads });
  const seen = withHelper ?? (await facts.gather(host, reads));
  const { debs: _debs, rpms: _rpms, managers: found, addresses, ...others } = seen;
  const { helper: _helper, mayWriteHelper: _mayWrite, hasPerl: _hasPerl, ...rest } = { ...NO_HELPER, ...others };
  const answers = answersIn<typeof hostReads>(rest);
  if (typeof answers === "string") return { host, problems: problemsOf(hostReads, seen) };
  const managers = valueOr(found, []);
  const os = { ...answers.os, family: familyOn(answers.os, managers) };
  const { family, prettyName, version } = os;
  if (family !== "rhel" && family !== "debian") {
    const why = `${quoted(prettyName)}: its packages are not known, only those of the RHEL and Debian families`;
    return { host, problems: [why] };
  }
  // `systemctl enable --now` exists since RHEL 7.2.
  if (family === "rhel" && /^7\.[01]$/.test(version ?? "")) {
    return { host, problems: [`${prettyName}: the first release that can be prepared is 7.2; update it there`] };
  }
  const query = family === "rhel" ? "rpms" : "debs";
  const installed = seen[query];
  if (installed.kind !== "done")
    return { host, problems: problemsOf({ [query]: packageReads[query] }, { [query]: installed }) };
  return {
    host,
    seen: { ...answers, os },
    manager: managerOn(os, managers),
    own: valueOr(addresses, null),
    helper: withHelper === null ? null : helperSeen(withHelper),
    missing: packagesNeededOn(os).filter((name) => !installed.value.includes(name)),
  };
}

/** The other hosts of the cluster. Only their addresses are read, and only if no other host knows them. */
export const observeNeighbours = (hosts: readonly Host[], facts: Facts): Promise<Neighbour[]> =>
  Promise.all(
    hosts.map(async (host) => {
      if (isKnownByRegistration(host)) return { host, own: null };
      const { addresses } = await facts.gather(host, { addresses: listAddresses });
      return { host, own: valueOr(addresses, null) };
    }),
  );
