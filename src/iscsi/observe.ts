import type { Facts } from "../core/facts.ts";
import type { Gathered } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { valueOr } from "../core/outcome.ts";
import { findNodeFolder, listNodeRecords, type NodeRecord, type Portal, samePortal } from "../host/iscsi-node.ts";
import { type IscsiSession, listIscsiSessions, readInitiatorName } from "../host/iscsi-session.ts";
import { readUnits, type Unit } from "../host/systemd.ts";
import { type HostView, lunReads, problemsOf } from "../storage/observe/host-view.ts";
import { viewMade } from "../storage/observe/hosts.ts";

export const DAEMON = "iscsid.service";
/**
 * The units that log in at boot: Debian's name first, then the name in the RHEL family. Since 9.2, RHEL has a starter
 * of iscsi.service and systemd reports `indirect` for iscsi.service, with the starter enabled or not.
 */
const BOOT_UNITS = ["open-iscsi.service", "iscsi-starter.service", "iscsi.service"];

const readsOf = (target: string) => ({
  sessions: listIscsiSessions,
  records: listNodeRecords(target),
  units: readUnits([DAEMON, ...BOOT_UNITS]),
  folder: findNodeFolder,
  initiator: readInitiatorName,
});

/** One host and its sessions and records of a target. */
export interface IscsiObservation {
  readonly host: Host;
  /** All sessions, including those with other targets. */
  readonly sessions: readonly IscsiSession[];
  /** Records of the target. */
  readonly records: readonly NodeRecord[];
  readonly units: readonly Unit[];
  /** The directory of its records. */
  readonly folder: string;
  readonly initiator: string | null;
  /** Why some iSCSI data could not be read. */
  readonly problems: readonly string[];
  /** Its LUNs. What could not be read about them is in the view's own problems. */
  readonly view: HostView;
}

/** One round trip a host. */
export const observeTarget = (target: string, hosts: readonly Host[], facts: Facts): Promise<IscsiObservation[]> =>
  Promise.all(
    hosts.map(async (host) => {
      const reads = readsOf(target);
      const seen = await facts.gather(host, { ...lunReads, ...reads });
      return iscsiObservation(host, seen, problemsOf(reads, seen), await viewMade(host, seen));
    }),
  );

const iscsiObservation = (
  host: Host,
  seen: Gathered<ReturnType<typeof readsOf>>,
  problems: readonly string[],
  view: HostView,
): IscsiObservation => ({
  host,
  sessions: valueOr(seen.sessions, []),
  records: valueOr(seen.records, []),
  units: valueOr(seen.units, []),
  folder: valueOr(seen.folder, ""),
  initiator: valueOr(seen.initiator, null),
  problems,
  view,
});

/** The names of hosts that need no further reads. Null if a host has no name or does not answer. */
export const initiatorsOf = (
  hosts: readonly Host[],
  facts: Facts,
): Promise<Pick<IscsiObservation, "host" | "initiator">[]> =>
  Promise.all(
    hosts.map(async (host) => {
      const { initiator } = await facts.gather(host, { initiator: readInitiatorName });
      return { host, initiator: valueOr(initiator, null) };
    }),
  );

/** The unit that logs in at boot on this host. Null if open-iscsi is not installed. */
export const bootUnitOf = ({ units }: Pick<IscsiObservation, "units">): Unit | null =>
  BOOT_UNITS.flatMap((name) => units.find((unit) => unit.loaded && unit.name === name) ?? [])[0] ?? null;

/** A target may redirect a host to another portal. The session then belongs to both. */
export const isAt = (session: IscsiSession, portal: Portal): boolean =>
  samePortal(session.portal, portal) || (session.loggedInAt !== null && samePortal(session.loggedInAt, portal));
