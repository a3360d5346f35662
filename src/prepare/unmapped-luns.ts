import { named } from "../core/host-text.ts";
import type { Part } from "../core/reply.ts";
import { few, sharedFacts } from "../core/shared-facts.ts";
import { MULTIPATH_CONF } from "../host/multipath-conf.ts";
import { blacklistedBy, exceptionsFor, type RuledDisk, withoutAllDisks } from "../host/multipath-settings.ts";
import { type LunOnHost, lunsOf } from "../storage/observe/lun.ts";
import { allDevices } from "../storage/observe/view-index.ts";
import { byMpathconf } from "./multipath-conf.ts";
import type { MultipathObservation } from "./multipath-observation.ts";

/** A LUN that a host sees as plain disks, without a map. */
interface Unmapped {
  readonly wwid: string;
  readonly on: LunOnHost;
  /** The blacklist rule that excludes it from multipath. */
  readonly rule: string | null;
  /** If the settings are a whitelist: the lines that are missing in its exceptions. */
  readonly exceptions: readonly string[];
}

const isUsed = ({ mountPoints, holders }: LunOnHost): boolean => mountPoints.length > 0 || holders.length > 0;

function unmappedOn(observation: MultipathObservation): Unmapped[] {
  const disks = allDevices(observation.view.devices);
  return lunsOf([observation.view]).flatMap(({ wwid, on }) =>
    on
      .filter(({ map }) => map === null)
      .map((each) => {
        const paths = [...each.pathSizes.keys()].flatMap((name) => disks.get(name) ?? []);
        const rules = paths.map((path) => ruleOver({ ...path, wwid }, observation));
        const exceptions = paths.flatMap((path) => exceptionsFor({ ...path, wwid }, observation.seen.files.blacklist));
        // multipath uses the remaining paths. A LUN is hidden only if each of its paths is.
        const rule = rules.includes(null) ? null : (rules[0] ?? null);
        return { wwid, on: each, rule, exceptions: [...new Set(exceptions)] };
      }),
  );
}

/** Uses the files now on disk, which the daemon may not have read yet. A blacklist of all disks is removed first. */
function ruleOver(disk: RuledDisk, observation: MultipathObservation): string | null {
  const { blacklist } = observation.seen.files;
  return blacklistedBy(disk, byMpathconf(observation) ? withoutAllDisks(blacklist) : blacklist);
}

/** LUNs with several paths that can become maps. */
export const freeLuns = (observation: MultipathObservation): Unmapped[] =>
  unmappedOn(observation).filter(
    ({ on, rule }) => on.totalPaths > 1 && !isUsed(on) && rule === null && on.notUnderstood.length === 0,
  );

export const disksOf = ({ pathSizes }: LunOnHost): string => [...pathSizes.keys()].join(", ");

/**
 * LUNs that hosts see as plain disks, and the command that fixes this. A disk with one path counts as local if no other
 * host sees it and no network leads to it. `mapped`: the WWIDs of maps on other hosts.
 */
export function unmappedPart(observations: readonly MultipathObservation[], mapped: ReadonlySet<string>): Part[] {
  const all = observations.flatMap((observation) => unmappedOn(observation).map((lun) => ({ ...lun, observation })));
  const seenBy = (wwid: string): number =>
    lunsOf(observations.map(({ view }) => view)).find((lun) => lun.wwid === wwid)?.on.length ?? 0;
  const shared = all.filter(
    ({ wwid, on, observation }) =>
      on.totalPaths > 1 || mapped.has(wwid) || seenBy(wwid) > 1 || isNetworked(on, observation),
  );
  // The fix names its host: it is the same for all but for that name.
  const rows = sharedFacts(
    shared,
    ({ on }) => on.host.name,
    ({ wwid, on, rule, exceptions }) =>
      JSON.stringify([wwid, disksOf(on), ...whyAndFix(on, rule, exceptions)]).replaceAll(on.host.name, "\0"),
  );
  if (rows.length === 0) return [];
  const wwids = new Set(shared.map(({ wwid }) => wwid)).size;
  return [
    {
      kind: "text",
      text: `${wwids === 1 ? "1 LUN is seen as plain disks, not as a map" : `${wwids} LUNs are seen as plain disks, not as maps`}:`,
      tone: "warning",
    },
    {
      kind: "table",
      caption: "Not taken as maps",
      columns: ["LUN", "why", "fix", "hosts", "disks", "WWID"],
      rows: rows.map(({ names, items: [{ wwid, on, rule, exceptions }] }) => [
        `…${wwid.slice(-6)}`,
        ...whyAndFix(on, rule, exceptions).map((text) => text.replaceAll(on.host.name, () => few(names))),
        ...[few(names), disksOf(on), wwid],
      ]),
    },
  ];
}

function isNetworked(on: LunOnHost, { view }: MultipathObservation): boolean {
  const disks = allDevices(view.devices);
  return [...on.pathSizes.keys()].some((name) => ["fc", "iscsi"].includes(disks.get(name)?.transport ?? ""));
}

function whyAndFix(on: LunOnHost, rule: string | null, exceptions: readonly string[]): [why: string, fix: string] {
  const host = on.host.name;
  const again = `/zstack multipath enable ${host}`;
  const [doubt] = on.notUnderstood;
  if (doubt !== undefined) return [`the output of ${host} about it is not understood`, doubt];
  if (isUsed(on)) {
    const users = [...on.mountPoints, ...on.holders].map(named).join(", ");
    return [`in use without a map: ${users}`, `1. end that use on ${host} 2. ${again}`];
  }
  if (rule !== null && exceptions.length > 0) {
    const lines = exceptions.join(" and ");
    return [
      `the whitelist leaves it out: ${rule} with exceptions`,
      `1. add ${lines} to blacklist_exceptions in ${MULTIPATH_CONF} on ${host} 2. ${again}`,
    ];
  }
  if (rule !== null) {
    const where = `${MULTIPATH_CONF} or /etc/multipath/conf.d`;
    return [`the blacklist holds ${rule}`, `1. remove that from ${where} on ${host} 2. ${again}`];
  }
  if (on.totalPaths === 1) {
    return [
      "it has one path, and find_multipaths yes takes two",
      `1. connect its second path 2. /zstack host rescan ${host}`,
    ];
  }
  return ["multipathd made no map", again];
}
