import { counted } from "../../core/counted.ts";
import { named, quoted } from "../../core/host-text.ts";
import type { Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { oneLinePerFact } from "../../core/one-line-per-fact.ts";
import { OBJECTS, runToEnd, SliceLimit, type Slices } from "../../core/parts.ts";
import { fixTexts } from "../../core/refusal.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";
import { problemFixes } from "../../host/problem.ts";
import { lunsText } from "../arguments.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Lun, type LunOnHost, pathsOf, sizesOf } from "../observe/lun.ts";
import { ownerOf } from "../owner.ts";
import { formatBytes } from "../size.ts";

/** With more hosts, one column each would not fit a screen. Then the hosts that differ are named. */
const MOST_HOST_COLUMNS = 6;

/** The matrix LUN × host. A single LUN is shown as fields. */
export const lunTable = (luns: readonly Lun[], views: readonly HostView[], inventory: Inventory): Part =>
  runToEnd(makingLunTable(luns, views, inventory));

/** In slices, because a cluster may have thousands of LUNs. */
export function* makingLunTable(luns: readonly Lun[], views: readonly HostView[], inventory: Inventory): Slices<Part> {
  const hosts = views.map((view) => view.host);
  const wide = hosts.length <= MOST_HOST_COLUMNS;
  // A narrow screen shows only the first columns: which LUN it is, whether it is whole, and what is on it.
  const columns = [
    ...["LUN", wide ? "paths" : "seen by", "holds", "owner", "size"],
    ...(wide ? hosts.map((host) => host.name) : []),
    ...["array", "WWID"],
  ];
  const unread = new Set(views.filter((view) => view.problems.length > 0).map((view) => view.host));
  const rows: string[][] = [];
  const rowOf = (lun: Lun) => [
    `…${lun.wwid.slice(-6)}`,
    wide ? pathsInShort(lun, hosts) : seenBy(lun, hosts, unread),
    contentOf(lun, views, inventory),
    ownerText(lun, views, inventory),
    sizeText(lun),
    ...(wide ? hosts.map((host) => cell(lun, host, unread)) : []),
    arrayOf(lun),
    lun.wwid,
  ];
  const limit = new SliceLimit(OBJECTS);
  for (const lun of luns) {
    rows.push(rowOf(lun));
    if (limit.isOver(hosts.length)) yield;
  }
  const [only, ...others] = luns;
  return only !== undefined && others.length === 0
    ? lunFields(only, views, inventory)
    : { kind: "table", caption: "LUNs", columns, rows, compared: true, numbers: { 4: luns.map(mostBytes) } };
}

/** `3/3`; `1/3 on host2`; `3/3, seen by 2 of 3`: what differs from the others is named. */
function pathsInShort(lun: Lun, hosts: readonly Host[]): string {
  const degraded = lun.on.filter((on) => on.activePaths < on.totalPaths || !on.isMapKnown);
  const all = new Set(lun.on.map(pathsOf));
  const [same = "0"] = all;
  const paths = all.size < 2 ? same : degraded.length > 0 ? pathsOnHosts(degraded) : [...all].join(" and ");
  return lun.on.length === hosts.length ? paths : `${paths}, seen by ${lun.on.length} of ${hosts.length}`;
}

/** The sort key of the column of sizes. */
const mostBytes = (lun: Lun): number => Math.max(0, ...sizesOf(lun));

/**
 * Like `lunTable`, for a plan that shows the LUNs' content itself. A single LUN shows only its identity and where it is
 * seen. A WWID fills a line of a phone, so no label is before it.
 */
export function chosenLuns(luns: readonly Lun[], views: readonly HostView[], inventory: Inventory): Part {
  const [lun, ...others] = luns;
  if (lun === undefined || others.length > 0) return lunTable(luns, views, inventory);
  const hosts = views.map((view) => view.host);
  const paths = new Set(lun.on.map(pathsOf));
  const [same = ""] = paths;
  const seen = `${lun.on.length} of ${counted(hosts.length, "host")}, ${paths.size === 1 ? `${same} paths` : degradedOn(lun)}`;
  return {
    kind: "fields",
    fields: [
      ["LUN", [`${sizeText(lun)}, ${arrayOf(lun)}, ${ownedBy(lun, views, inventory)}\n`, { code: lun.wwid }]],
      ["seen by", seen],
    ],
  };
}

const sizeText = (lun: Lun): string => sizesOf(lun).map(formatBytes).join(" ≠ ") || "unknown";

const degradedOn = (lun: Lun): string => {
  const degraded = lun.on.filter((on) => on.activePaths < on.totalPaths);
  return `degraded: ${pathsOnHosts(degraded) || "none"}`;
};

/** `1/3 on host2; 2/3 on host5, host7` */
const pathsOnHosts = (all: readonly LunOnHost[]): string =>
  sharedFacts(all, ({ host }) => host.name, pathsOf)
    .map(({ fact, hosts }) => `${fact} on ${hosts}`)
    .join("; ");

/** One LUN in a few lines. What all hosts report is one line. */
function lunFields(lun: Lun, views: readonly HostView[], inventory: Inventory): Part {
  const hosts = views.map((view) => view.host);
  const unread = new Set(views.filter((view) => view.problems.length > 0).map((view) => view.host));
  return {
    kind: "fields",
    fields: [
      ["LUN", [{ code: lun.wwid }]],
      ["size", `${sizeText(lun)}, ${arrayOf(lun)}`],
      ["holds", contentOf(lun, views, inventory)],
      ["owner", ownerText(lun, views, inventory)],
      ["seen by", hosts.length <= MOST_HOST_COLUMNS ? seenAs(lun, hosts, unread) : seenBy(lun, hosts, unread)],
    ],
  };
}

/** `3 of 3 hosts: mpatha 3/3 on host1, host2; mpathb 3/3 on host3` */
function seenAs(lun: Lun, hosts: readonly Host[], unread: ReadonlySet<Host>): string {
  const cells = sharedFacts(
    hosts,
    ({ name }) => name,
    (host) => cell(lun, host, unread),
  );
  const count = `${lun.on.length} of ${counted(hosts.length, "host")}`;
  if (cells.length < 2) return lun.on.length === 0 ? count : `${count}: ${cells[0]?.fact ?? ""}`;
  return `${count}: ${cells.map((each) => `${each.fact} on ${each.hosts}`).join("; ")}`;
}

const cell = (lun: Lun, host: Host, unread: ReadonlySet<Host>): string => {
  const on = lun.on.find((each) => each.host === host);
  if (on === undefined) return unread.has(host) ? "unknown" : "not seen";
  const paths = on.notUnderstood.length > 0 ? "not understood" : pathsOf(on);
  // A map without an alias is called by its WWID, which the row has.
  const name = on.map === null ? on.kernelName : on.map.alias;
  return name === null ? paths : `${name} ${paths}`;
};

function seenBy(lun: Lun, hosts: readonly Host[], unread: ReadonlySet<Host>): string {
  const seeing = new Set(lun.on.map((on) => on.host));
  const missing = hosts.filter((host) => !unread.has(host) && !seeing.has(host));
  const degraded = lun.on.filter((on) => on.activePaths < on.totalPaths);
  const notes = [
    `${lun.on.length} of ${hosts.length}`,
    ...(missing.length > 0 ? [`not ${few(missing.map((host) => host.name))}`] : []),
    ...(degraded.length > 0 ? [`degraded: ${pathsOnHosts(degraded)}`] : []),
  ];
  return notes.join("; ");
}

const arrayOf = (lun: Lun): string => {
  const on = lun.on.find((each) => each.vendor !== null || each.model !== null);
  return on ? [on.vendor, on.model].filter((word) => word !== null).join(" ") : "unknown";
};

/**
 * The content of a LUN as the hosts report it. "No signature" does not mean "blank", so nothing is shown without a
 * signature. LVM reads the disk; udev does not notice what another host wrote. If they differ, each is named with its
 * host.
 */
export function contentOf(lun: Lun, views: readonly HostView[], inventory: Inventory): string {
  const isOurs = lun.on.some((on) => storageOn(on, inventory) !== null);
  const remarks = new Map<string, Host[]>();
  // LVM has read the content of our LUN, so another host's udev does not matter.
  for (const on of isOurs ? lun.on.filter(({ physicalVolume }) => physicalVolume !== null) : lun.on) {
    const remark = contentOn(on, inventory);
    if (remark !== null) remarks.set(remark, [...(remarks.get(remark) ?? []), on.host]);
  }
  const agreed = isOurs || remarks.size < 2;
  const lying = [...remarks]
    .filter(([remark]) => !(agreed && remark === NOTHING))
    .map(([remark, hosts]) => (agreed ? remark : `${remark} (${few(hosts.map(({ name }) => name))})`));
  const facts = [...lying, ...new Set(oneLinePerFact(lun.on.flatMap((on) => usesOn(on, inventory))))];
  if (facts.length > 0) return facts.join("; ");
  return views.length > 0 ? NOTHING : "unknown";
}

const NOTHING = "no signature";

const storageOn = ({ physicalVolume }: LunOnHost, { primaryStorages }: Inventory): PrimaryStorage | null =>
  primaryStorages.find(({ uuid }) => uuid === physicalVolume?.volumeGroup) ?? null;

/** Null if the host did not answer. */
function contentOn(on: LunOnHost, inventory: Inventory): string | null {
  const { physicalVolume: volume, labels, fileSystem, label, partitions } = on;
  const [copy] = labels;
  const ours = storageOn(on, inventory);
  if (ours !== null) return `PV of ${ours.name}`;
  if (volume === null && on.sizeBytes === null) return null;
  const facts: string[] = [];
  if (volume !== null)
    facts.push(volume.volumeGroup === null ? `orphan PV ${named(volume.uuid)}` : `PV of ${named(volume.volumeGroup)}`);
  else if (copy !== undefined) facts.push(`copy of PV ${named(copy.uuid)}`);
  else if (fileSystem !== null)
    facts.push(label === null ? named(fileSystem) : `${named(fileSystem)} ${quoted(label)}`);
  if (partitions.length > 0) facts.push(partitions.length === 1 ? "1 partition" : `${partitions.length} partitions`);
  return facts.join("; ") || NOTHING;
}

/** The users of the LUN on the host. The devices on a LUN of ours are its own volumes and are not listed. */
function usesOn(on: LunOnHost, inventory: Inventory): string[] {
  if (storageOn(on, inventory) !== null) return openOn(on);
  const host = on.host.name;
  return [
    ...on.mountPoints.map((mount) => `mounted on ${host}:${named(mount)}`),
    ...(on.holders.length > 0 ? [`in use on ${host} by ${few(on.holders.map(named))}`] : []),
    ...openOn(on),
  ];
}

/** Who has it open, if the users were read on the host. */
const openOn = (on: LunOnHost): string[] => [
  ...(on.users.length > 0 ? [`in use on ${on.host.name} by ${few(on.users)}`] : []),
  ...(on.possibleUsers.length > 0
    ? [`may be in use on ${on.host.name} by ${few(on.possibleUsers.map(({ by }) => by))}`]
    : []),
  ...(on.isUseKnown && on.unexplainedOpens > 0 ? [`open ${on.unexplainedOpens} × on ${on.host.name}`] : []),
  ...(on.useProblems.length > 0 ? [`who uses it on ${on.host.name} is not known`] : []),
];

const ownerText = (lun: Lun, views: readonly HostView[], inventory: Inventory): string =>
  knownOwner(lun, inventory) ?? `none${asFarAsSeen(views)}`;

function ownedBy(lun: Lun, views: readonly HostView[], inventory: Inventory): string {
  const owner = knownOwner(lun, inventory);
  return owner === null ? `no owner${asFarAsSeen(views)}` : `owner ${owner}`;
}

function knownOwner(lun: Lun, inventory: Inventory): string | null {
  const owner = ownerOf(lun.wwid, inventory);
  if (owner) return owner.block.addedAt === null ? `claimed for ${owner.storage.name}` : owner.storage.name;
  const group = lun.on.find((on) => on.physicalVolume?.volumeGroup)?.physicalVolume?.volumeGroup;
  return group ? `volume group ${named(group)}` : null;
}

const asFarAsSeen = (views: readonly HostView[]): string =>
  views.some((view) => view.problems.length > 0) ? ", as far as known" : "";

/**
 * Why hosts could not be read, one line a reason, and output about single objects that was not understood. Null if all
 * was read.
 */
export function problemsPart(
  views: readonly (Pick<HostView, "host" | "problems"> & Partial<Pick<HostView, "notUnderstood">>)[],
): Part | null {
  const problems = views.flatMap(({ host, problems, notUnderstood = [] }) =>
    [...problems, ...notUnderstood.map((each) => each.why)].map((why) => ({ host, why })),
  );
  const facts = sharedFacts(
    problems,
    ({ host }) => host.name,
    ({ why }) => why,
    views.length,
  );
  const lines = facts.map(({ fact, hosts, names: [name = "", ...others] }): Inline[] => [
    { bold: hosts },
    ` ${fact}`,
    ...fixTexts(problemFixes(fact, others.length === 0 ? name : "HOST")).map((line) => `. ${line}`),
  ]);
  return lines.length === 0 ? null : linesPart("Not known", lines, "warning");
}

/** A warning for each LUN with lost paths. If several hosts show the same, it is one line. */
export function missingPathsParts(luns: readonly Lun[]): Part[] {
  return luns.flatMap((lun): Part[] => {
    const lost = sharedFacts(
      lun.on.filter(({ activePaths, totalPaths }) => activePaths < totalPaths),
      ({ host }) => host.name,
      (on) => `${on.activePaths} of ${on.totalPaths} paths`,
      lun.on.length,
    );
    const where = ({ hosts, names }: (typeof lost)[number]): string =>
      names.length > 1 && names.length === lun.on.length ? `all ${names.length} hosts` : hosts;
    const paths = lost.map((each) => `${each.fact} on ${where(each)}`);
    const text = `${lunsText([lun.wwid])} has only ${paths.join("; ")}.`;
    return paths.length === 0 ? [] : [{ kind: "text", text, tone: "warning" }];
  });
}
