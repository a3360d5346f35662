import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf, storageOf } from "../../core/find.ts";
import { whyUncertain } from "../../core/host-command.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { InventoryChange } from "../../core/inventory-change.ts";
import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { reasonOf, valueOr } from "../../core/outcome.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { type Reason, Refusal, reason, refuse } from "../../core/refusal.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { rangesOf, sharedFacts } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import type { VolumeGroup } from "../../core/storage.ts";
import { listHostLeases } from "../../host/sanlock.ts";
import { duplicateVolumes, mapReasons } from "../checks/checks.ts";
import { isMember } from "../checks/group.ts";
import { nameLock, storageLocks } from "../locks.ts";
import { lockStateIn } from "../observe/lock-state.ts";
import { type Lun, lunsOf, sizesOf } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";
import { ownerOf } from "../owner.ts";
import { lunTable } from "../render/matrix.ts";
import { formatBytes } from "../size.ts";
import { observeAllocations, stateOnDisks } from "../steps/allocation.ts";
import { seesGroup } from "../steps/join.ts";
import { type HostSurvey, survey } from "../steps/survey.ts";

interface ImportRequest {
  readonly cluster: string;
  readonly volumeGroup: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

export async function planImport(asked: ImportRequest, facts: Facts): Promise<Plan> {
  const { inventory, askedAt } = facts;
  const { volumeGroup } = asked;
  const cluster = clusterNamed(inventory, asked.cluster);
  const name = asked.name ?? `sharedblock-${cluster.name}`;
  const headline = `Volume group ${volumeGroup} can't be imported into ${cluster.name}`;
  const hosts = someHostsOf(inventory, cluster, headline);
  refuseKnown(headline, volumeGroup, name, cluster, facts);
  const surveys = await survey(hosts, facts);
  const help = { next: [`lun list ${cluster.name}`] };
  const scan = { run: `host rescan ${cluster.name}` };
  refuse(
    headline,
    unreadHosts(
      surveys.map(({ view }) => view),
      [volumeGroup],
    ),
    help,
  );
  const found = foundGroup(volumeGroup, surveys);
  if (found === null) {
    const why = `no host of ${cluster.name} sees a volume group of that name`;
    throw new Refusal(
      headline,
      reason("NOT_FOUND", why, { first: "map its LUNs to the hosts on the array", ...scan }),
      help,
    );
  }
  refuse(headline, unreadSettings(surveys), help);
  const ids = adoptedIds(volumeGroup, surveys);
  const reasons = [...groupFaults(found, surveys), ...ownedLuns(found, facts), ...idConflicts(ids, surveys, inventory)];
  refuse(headline, reasons, help);
  const [views, { highestId, unread }] = await Promise.all([
    observeAllocations(hosts, facts),
    highestIdIn(volumeGroup, hosts, facts),
  ]);
  refuse(headline, [...unreadHosts(views, [volumeGroup]), ...unread], help);
  const state = views.every((view) => stateOnDisks(view, volumeGroup) === "Enabled") ? "Enabled" : "Disabled";
  const storage = storageOfGroup(found, { name, description: asked.description ?? "", state }, cluster, askedAt);
  return adoptionPlan({ cluster, storage, found, surveys, ids, highestId, inventory });
}

/** A shared volume group of another program, as the cluster's hosts see it. */
interface Found {
  readonly volumeGroup: string;
  readonly group: VolumeGroup;
  /** Its physical volumes. */
  readonly luns: readonly Lun[];
}

/** The host id that each host has or would have in the group. Null if it has none. */
type HostIds = ReadonlyMap<Host, number | null>;

const groupOn = ({ view }: HostSurvey, name: string) => view.groups.find((group) => group.name === name);

function foundGroup(volumeGroup: string, surveys: readonly HostSurvey[]): Found | null {
  const group = surveys.flatMap((each) => groupOn(each, volumeGroup) ?? [])[0];
  const luns = lunsOf(surveys.map(({ view }) => view)).filter((lun) => isMember(lun, volumeGroup));
  return group === undefined ? null : { volumeGroup, group, luns };
}

/** Why the group can't be imported. Every host must see the same complete group, on LUNs with known WWIDs. */
function groupFaults({ volumeGroup, group, luns }: Found, surveys: readonly HostSurvey[]): Reason[] {
  const faults = surveys.flatMap((each): Reason[] => {
    const host = each.host.name;
    const here = groupOn(each, volumeGroup);
    const scan = { run: `host rescan ${host}` };
    if (here === undefined)
      return [reason("GROUP_INCOMPLETE", `${host} does not see volume group ${volumeGroup}`, scan)];
    const volumes = each.view.volumes.filter((volume) => volume.volumeGroup === volumeGroup);
    const known = luns.flatMap((lun) => lun.on.filter((on) => on.host === each.host && on.physicalVolume !== null));
    const foreign = volumes.filter((volume) => !known.some((on) => on.physicalVolume?.uuid === volume.uuid));
    return [
      ...(here.uuid === group.uuid
        ? []
        : [
            reason(
              "LUN_AMBIGUOUS",
              `${host} sees another volume group of that name (${here.uuid}, not ${group.uuid})`,
              "rename one of the two volume groups, or unmap its LUNs",
            ),
          ]),
      ...(here.missingPhysicalVolumes === 0
        ? []
        : [
            reason(
              "GROUP_INCOMPLETE",
              `${host} does not see ${here.missingPhysicalVolumes} of the group's disks`,
              scan,
            ),
          ]),
      ...foreign.map(({ device }) => {
        const why = `${host} has ${device} of the group as a disk without a WWID: it is not a LUN of an array`;
        return reason("LUN_UNSUITABLE", why, `move the data from ${device} and remove it from the group`);
      }),
    ];
  });
  const missing = luns.flatMap((lun) =>
    surveys
      .filter(({ host }) => !lun.on.some((on) => on.host === host && on.physicalVolume?.volumeGroup === volumeGroup))
      .map(({ host }) => {
        const why = `${host.name} does not see ${lun.wwid} as a disk of the group`;
        return reason("GROUP_INCOMPLETE", why, { run: `host rescan ${host.name}` });
      }),
  );
  const lockType = `its lock type is ${group.lockType ?? "none"}, not sanlock`;
  const fix = `only a group that sanlock locks can be shared: vgchange --lock-type sanlock ${volumeGroup}`;
  const unshared = group.lockType === "sanlock" ? [] : [reason("LOCK_STATE", lockType, fix)];
  const views = surveys.map(({ view }) => view);
  return [...unshared, ...faults, ...missing, ...luns.flatMap((lun) => duplicateVolumes(lun, views))];
}

/** The host ids: sanlock's if it has the group's lease, else the one in LVM's settings. */
function adoptedIds(volumeGroup: string, surveys: readonly HostSurvey[]): HostIds {
  return new Map(
    surveys.map(({ host, view, prepare }) => {
      const leased = view.leases.find((lease) => lease.volumeGroup === volumeGroup)?.hostId;
      const set = valueOr(prepare.settings, null)?.hostId ?? null;
      return [host, leased ?? (set === null || set === 0 ? host.sanlockHostId : set)];
    }),
  );
}

/** Hosts with unreadable LVM settings. Their host id is not known. */
const unreadSettings = (surveys: readonly HostSurvey[]): Reason[] =>
  surveys.flatMap(({ host, prepare }) => {
    const why = reasonOf(prepare.settings);
    return why === null
      ? []
      : [reason("HOST_UNREADABLE", `${host.name} can't be asked for the host id in LVM's settings: ${why}`)];
  });

/** Host ids that contradict each other, or the inventory. */
function idConflicts(ids: HostIds, surveys: readonly HostSurvey[], inventory: Inventory): Reason[] {
  const own = surveys.flatMap(({ host, view, prepare }): Reason[] => {
    const id = ids.get(host) ?? null;
    const set = prepare.settings.kind === "done" ? (prepare.settings.value.hostId ?? 0) : 0;
    const others = view.leases.filter((lease) => lease.hostId !== id);
    const conflict = (why: string) =>
      reason("LOCK_STATE", why, `give ${host.name} one host id in sanlock, lvmlocal.conf and the inventory`);
    return [
      ...others.map((each) =>
        conflict(`${host.name} holds the lease of ${each.volumeGroup} as host id ${each.hostId}, not ${id}`),
      ),
      ...(set !== 0 && set !== id
        ? [conflict(`${host.name} has host id ${id} in sanlock, but ${set} in LVM's settings`)]
        : []),
      ...(host.sanlockHostId !== null && host.sanlockHostId !== id
        ? [conflict(`${host.name} has host id ${id}, but ${host.sanlockHostId} in the inventory`)]
        : []),
    ];
  });
  const taken = [...ids].flatMap(([host, id]) =>
    inventory.hosts
      .filter((other) => other.uuid !== host.uuid && id !== null && (ids.get(other) ?? other.sanlockHostId) === id)
      .map((other) => `${[host.name, other.name].sort().join(" and ")} have the same host id ${id}`),
  );
  const twice = (why: string) => reason("LOCK_STATE", why, "give one of the two hosts another host id");
  return [...own, ...[...new Set(taken)].map(twice)];
}

/**
 * The highest host id ever used in the group; 0 if no host is in its lockspace. Hosts that did not answer are returned
 * too. A host without sanlock is in no lockspace, which is an answer.
 */
export async function highestIdIn(
  volumeGroup: string,
  hosts: readonly Host[],
  facts: Facts,
): Promise<{ readonly highestId: number; readonly unread: Reason[] }> {
  const all = await Promise.all(
    hosts.map(async (host) => ({ host, ...(await facts.gather(host, { leases: listHostLeases(volumeGroup) })) })),
  );
  const ids = all.flatMap(({ leases }) => valueOr(leases, null) ?? []).map(({ hostId }) => hostId);
  const unread = all
    .map(({ host, leases }) => ({ host, ...noneIfNotInstalled({ leases }, { leases: null }) }))
    .filter(({ leases }) => whyUncertain(leases) !== null)
    .map(({ host, leases }) => {
      const why = `${host.name} can't be asked which host ids are in use there: ${whyUncertain(leases)}`;
      return reason("HOST_UNREADABLE", why);
    });
  return { highestId: Math.max(0, ...ids), unread };
}

interface Adoption {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly found: Found;
  readonly surveys: readonly HostSurvey[];
  readonly ids: HostIds;
  readonly highestId: number;
  readonly inventory: Inventory;
}

/** The storage as it is recorded. Its shared blocks contain the group already, so none of it is unfinished. */
const storageOfGroup = (
  { volumeGroup, luns }: Found,
  given: Pick<PrimaryStorage, "name" | "description" | "state">,
  cluster: Cluster,
  addedAt: string,
): PrimaryStorage => ({
  ...given,
  uuid: volumeGroup,
  zoneUuid: cluster.zoneUuid,
  clusterUuids: [cluster.uuid],
  sharedBlocks: luns.map((lun) => ({ wwid: lun.wwid, sizeBytes: sizesOf(lun)[0] ?? 0, addedAt, heldWhenClaimed: [] })),
});

function adoptionPlan(adoption: Adoption): Plan {
  const { cluster, storage, surveys, ids } = adoption;
  const checks = surveys.map(
    ({ host }): Step => ({ host, check: seesGroup(storage.uuid), why: "proves that this host sees the whole group" }),
  );
  return plan({
    title: `Import ${storage.uuid} into ${cluster.name} as ${storage.name}`,
    verb: "Import Storage",
    undo: { command: `sharedblock detach ${storage.name} ${cluster.name}` },
    facts: adoptionFacts(adoption),
    stages: [
      { kind: "hosts", title: "Every host reads the volume group", steps: checks },
      { kind: "record", title: "Write the inventory", changes: adoptionChanges(adoption) },
    ],
    locks: [...storageLocks(storage, adoption.inventory), nameLock(storage.name), "sanlock host ids", "inventory"],
    afterwards: [
      ...([...ids.values()].includes(null)
        ? [
            {
              part: {
                kind: "text" as const,
                text: `Hosts without a host id get one from sharedblock reconnect ${storage.name}.`,
              },
              after: [],
            },
          ]
        : []),
    ],
  });
}

function adoptionChanges({ storage, ids, highestId, inventory }: Adoption): InventoryChange[] {
  const given = [...ids].flatMap(([host, hostId]): InventoryChange[] =>
    hostId === null || host.sanlockHostId === hostId
      ? []
      : [{ kind: "sanlock host id given", hostUuid: host.uuid, hostId }],
  );
  const last = Math.max(inventory.lastSanlockHostId, ...[...ids.values()].map((id) => id ?? 0));
  const used: InventoryChange[] = highestId > last ? [{ kind: "sanlock host ids used", upTo: highestId }] : [];
  return [...given, ...used, { kind: "primary storage claimed", storage }];
}

function adoptionFacts({ storage, found, surveys, ids, inventory }: Adoption): Part[] {
  const { group, luns } = found;
  const views = surveys.map(({ view }) => view);
  const warnings = luns.flatMap((lun) => lun.on.flatMap((on) => mapReasons(lun, on)));
  return [
    {
      kind: "fields",
      fields: [
        ["volume group", [{ code: storage.uuid }]],
        ["tags", group.tags.join(", ") || "none"],
        ["capacity", formatBytes(group.sizeBytes)],
        ["available", formatBytes(group.freeBytes)],
        ["state", storage.state === "Enabled" ? "Enabled" : "Disabled: its LUNs take no new volumes"],
      ],
    },
    lunTable(luns, views, inventory),
    idsPart(storage, surveys, ids),
    { kind: "text", text: "Nothing is written on a disk or a host. Only the inventory changes." },
    ...warnings.map((text): Part => ({ kind: "text", text: `• ${text}`, tone: "warning" })),
  ];
}

/** Hosts with the same state of locks are one line, with their ids in the order of the hosts. */
function idsPart({ uuid }: PrimaryStorage, surveys: readonly HostSurvey[], ids: HostIds): Part {
  const facts = sharedFacts(
    surveys,
    ({ host }) => host.name,
    ({ host, view }) =>
      `its locks: ${lockStateIn(uuid, view)}${(ids.get(host) ?? null) === null ? " · no host id yet" : ""}`,
  );
  const lines = facts.map(({ fact, hosts, items }): Inline[] => {
    const known = items.flatMap(({ host }) => ids.get(host) ?? []);
    const text = known.length === 0 ? "" : `${known.length === 1 ? "host id" : "host ids"} ${rangesOf(known)} · `;
    return [{ bold: hosts }, ` ${text}${fact}`];
  });
  return linesPart("Host ids", lines);
}

/** What the inventory has already is not imported again. */
function refuseKnown(
  headline: string,
  volumeGroup: string,
  name: string,
  cluster: Cluster,
  { inventory }: Facts,
): void {
  const same = inventory.primaryStorages.find((storage) => storage.uuid === volumeGroup);
  if (same !== undefined) {
    const attached = same.clusterUuids.includes(cluster.uuid);
    const fixes = attached ? [] : [{ run: `sharedblock attach ${same.name} ${cluster.name}` }];
    const why = reason("NOTHING_TO_DO", `it is in the inventory already, as ${same.name}`, ...fixes);
    throw new Refusal(headline, why, { next: [`sharedblock show ${same.name}`] });
  }
  const loaded = storageOf(inventory, cluster);
  if (loaded !== null) {
    const why = `${cluster.name} has the storage ${loaded.name} already, and a cluster has at most one`;
    const fix = { run: `sharedblock detach ${loaded.name} ${cluster.name}` };
    throw new Refusal(headline, reason("STORAGE_ATTACHED", why, fix), { next: [`sharedblock show ${loaded.name}`] });
  }
  if (inventory.primaryStorages.some((storage) => storage.name === name)) {
    const fix = { when: "with another name", run: `sharedblock import ${cluster.name} ${volumeGroup} name=…` };
    throw new Refusal(headline, reason("NAME_TAKEN", `a storage ${name} exists already`, fix), {
      next: ["sharedblock list"],
    });
  }
}

const ownedLuns = ({ luns }: Found, { inventory }: Facts): Reason[] =>
  luns.flatMap(({ wwid }) => {
    const owner = ownerOf(wwid, inventory);
    if (owner === null) return [];
    const { name } = owner.storage;
    return [reason("LUN_OWNED", `${wwid} belongs to ${name} in the inventory`, { run: `sharedblock delete ${name}` })];
  });
