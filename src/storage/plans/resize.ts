import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import { attachedHosts, storageNamed } from "../../core/find.ts";
import type { Cluster, Host, Inventory, PrimaryStorage, SharedBlock } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { Refusal, reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import { growPhysicalVolume, listUsableVolumeSpans, listVolumeSpans, type VolumeSpan } from "../../host/lvm.ts";
import { lunsText } from "../arguments.ts";
import {
  type Growth,
  type GrowthOnHost,
  growthReasons,
  hasGrown,
  isSpanStale,
  reportedSizes,
  shrunkReasons,
} from "../checks/growth.ts";
import { resolveLun } from "../checks/resolve.ts";
import { refuseUnserved, writerOn } from "../checks/writable.ts";
import { storageLocks } from "../locks.ts";
import { type HostView, problemsOf } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { devicePath, type Lun, lunsOf } from "../observe/lun.ts";
import { askSizes, type OfferedSizes } from "../observe/offered-size.ts";
import { withIdentities } from "../observe/path-identities.ts";
import { connectedPart, storageResult } from "../render/storage.ts";
import { formatBytes } from "../size.ts";
import { capacityPart } from "../steps/group-size.ts";
import { UNUSABLE } from "../steps/join.ts";
import { mapSteps, pathSteps } from "../steps/new-size.ts";

interface ResizeRequest {
  readonly name: string;
  readonly wwid?: string | undefined;
}

export async function planResize({ name, wwid }: ResizeRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const headline = `${wwid === undefined ? name : `${lunsText([wwid])} of ${name}`} can't be resized`;
  const next = [`sharedblock show ${name}`];
  refuseUnserved(headline, storage, inventory, { Maintenance: "its locks are stopped" });
  const seen = await observeHosts(attachedHosts(inventory, storage), facts);
  const wwids = storage.sharedBlocks.map((block) => block.wwid);
  const views = await Promise.all(seen.map((view) => withIdentities(view, wwids, facts.gather)));
  const writer = writerOn(headline, storage, views);
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const blocks = chosenBlocks(storage, wwid, views, clusters, headline);
  const luns = lunsOf(views).filter((lun) => blocks.some((block) => block.wwid === lun.wwid));
  const [offered, spans] = await Promise.all([offeredSizes(luns, views, facts), spansOf(views, facts, headline)]);
  refuse(
    headline,
    [...offered.flatMap(({ problems }) => problems), ...luns.flatMap((lun) => growthReasons(lun, views, offered))],
    { next: [`multipath status ${views[0]?.host.name ?? ""}`, ...next] },
  );
  const growths = luns.flatMap((lun) => growthOf(lun, blocks, offered, spans));
  refuse(headline, growths.flatMap(shrunkReasons), { next });
  const foreign = growths.flatMap(({ lun, hosts }) =>
    lun.on
      .filter((on) => !hosts.some((each) => each.on === on))
      .map(({ host }) => {
        const why = `${host.name} does not read ${lun.wwid} as a physical volume of ${name}`;
        return reason("GROUP_INCOMPLETE", why, { run: `sharedblock reconnect ${name} ${host.name}` });
      }),
  );
  refuse(headline, foreign, { next });
  const grown = growths.filter(hasGrown);
  if (grown.length === 0) {
    const sizes = growths.map(({ lun, offeredBytes }) => `${lun.wwid} has ${formatBytes(offeredBytes)}`).join(", ");
    const why = `nothing grew: ${sizes} on the array, on every path and in the group`;
    throw new Refusal(headline, reason("NOTHING_TO_DO", why, "enlarge the LUN on the array first"), { next });
  }
  return growthPlan({ storage, inventory, views, writer, growths: grown });
}

/** The data for using the new size of LUNs. Nothing prevents it any more. */
interface StorageGrowth {
  readonly storage: PrimaryStorage;
  readonly inventory: Inventory;
  readonly views: readonly HostView[];
  /** The writing host, which has the group's lease. */
  readonly writer: Host;
  readonly growths: readonly Growth[];
}

function growthPlan(growth: StorageGrowth): Plan {
  const { storage, inventory, views, growths } = growth;
  return plan({
    title: `Resize ${storage.name}`,
    verb: "Resize Storage",
    undo: { none: "A storage never gets smaller." },
    facts: [growthTable(growths)],
    stages: [
      { kind: "hosts", title: "Every path reads the new size", steps: growths.flatMap(pathSteps) },
      { kind: "hosts", title: "Resize the maps", steps: growths.flatMap(mapSteps) },
      { kind: "hosts", title: "Grow the physical volume", steps: growths.flatMap((each) => volumeStep(each, growth)) },
      {
        kind: "hosts",
        title: "Every host reads the new size of the group",
        steps: growths.flatMap((each) => spanChecks(each, storage)),
      },
      {
        kind: "record",
        title: "Record the new size",
        changes: growths
          .filter(({ block, offeredBytes }) => block.sizeBytes !== offeredBytes)
          .map(({ block, offeredBytes }) => ({
            kind: "shared block grown",
            storageUuid: storage.uuid,
            wwid: block.wwid,
            sizeBytes: offeredBytes,
          })),
      },
    ],
    locks: storageLocks(storage, inventory),
    result: async (later: Facts) => {
      const now = await observeHosts(attachedHosts(later.inventory, storage), later);
      const { next = [] } = storageResult(storage, now, later.inventory);
      return { shown: [capacityPart(storage, views, now), connectedPart(storage, now)], next };
    },
  });
}

/** What each host shows now. Hosts that show the same are one row. */
function growthTable(growths: readonly Growth[]): Part {
  const sizes = (bytes: readonly number[]) => [...new Set(bytes)].map(formatBytes).join(" ≠ ");
  const rows = growths.flatMap(({ lun, offeredBytes, hosts }) => {
    const seenBy = (each: GrowthOnHost) => {
      const { on, span } = each;
      const map = on.map === null ? "none" : sizes(on.sizeBytes === null ? [] : [on.sizeBytes]);
      return [formatBytes(span.sizeBytes), map, sizes([...on.pathSizes.values()])];
    };
    return sharedFacts(
      hosts,
      ({ on }) => on.host.name,
      (each) => JSON.stringify(seenBy(each)),
    ).map(({ hosts: names, items: [first] }) => [
      ...[`…${lun.wwid.slice(-6)}`, formatBytes(offeredBytes), ...seenBy(first)],
      ...[names, lun.wwid],
    ]);
  });
  const columns = ["LUN", "array offers", "in the group", "map", "paths", "hosts", "WWID"];
  return { kind: "table", caption: "Sizes now", columns, rows };
}

function volumeStep({ lun, offeredBytes, hosts }: Growth, { writer, storage }: StorageGrowth): Step[] {
  const own = hosts.find(({ on }) => on.host === writer);
  if (own === undefined || !hosts.some((each) => isSpanStale(each, offeredBytes))) return [];
  const command = growPhysicalVolume(devicePath(lun.wwid, own.on));
  return [{ host: writer, command, why: `gives the group of ${storage.name} all of the LUN` }];
}

const spanChecks = ({ lun, offeredBytes, hosts }: Growth, storage: PrimaryStorage): Step[] =>
  hosts.map((each) => ({
    host: each.on.host,
    check: spansAll(each, storage.uuid, offeredBytes),
    withinMs: 10_000,
    why: `proves that this host reads the group with all of ${lun.wwid}`,
  }));

const spansAll = ({ span }: GrowthOnHost, group: string, offeredBytes: number) =>
  check(
    listUsableVolumeSpans,
    (spans) => {
      const now = spans.find(({ device, volumeGroup }) => device === span.device && volumeGroup === group);
      if (now === undefined) return `no longer reads ${span.device} as a physical volume of ${group}${UNUSABLE}`;
      return isSpanStale({ span: now }, offeredBytes)
        ? `still reads ${span.device} with ${formatBytes(now.sizeBytes)} of ${formatBytes(offeredBytes)}`
        : null;
    },
    [span.device, group],
  );

function chosenBlocks(
  storage: PrimaryStorage,
  wwid: string | undefined,
  views: readonly HostView[],
  clusters: readonly Cluster[],
  headline: string,
): SharedBlock[] {
  const blocks = storage.sharedBlocks.filter((block) => block.addedAt !== null);
  if (wwid === undefined) return blocks;
  const lun = resolveLun(wwid, lunsOf(views), views, clusters[0]?.name ?? "");
  const block = blocks.find((each) => each.wwid === lun.wwid);
  if (block === undefined) {
    const why = reason("NOT_FOUND", `${lun.wwid} is not a shared block of ${storage.name}`);
    throw new Refusal(headline, why, { next: [`sharedblock show ${storage.name}`] });
  }
  return [block];
}

const offeredSizes = (luns: readonly Lun[], views: readonly HostView[], facts: Facts): Promise<OfferedSizes[]> =>
  Promise.all(
    views.map(({ host }) => {
      const disks = luns.flatMap((lun) =>
        lun.on.filter((on) => on.host === host).flatMap((on) => [...on.pathSizes.keys()]),
      );
      return askSizes(host, disks, facts);
    }),
  );

async function spansOf(
  views: readonly HostView[],
  facts: Facts,
  headline: string,
): Promise<ReadonlyMap<string, readonly VolumeSpan[]>> {
  const reads = { spans: listVolumeSpans };
  const seen = await Promise.all(
    views.map(async ({ host }) => ({ host, observation: await facts.gather(host, reads) })),
  );
  const problems = seen.flatMap(({ host, observation }) =>
    problemsOf(reads, observation).map((why) => reason("HOST_UNREADABLE", `${host.name}: ${why}`)),
  );
  refuse(headline, problems, { next: [`host show ${seen[0]?.host.name ?? ""}`] });
  return new Map(seen.map(({ host, observation }) => [host.uuid, valueOr(observation.spans, [])] as const));
}

function growthOf(
  lun: Lun,
  blocks: readonly SharedBlock[],
  offered: readonly OfferedSizes[],
  spans: ReadonlyMap<string, readonly VolumeSpan[]>,
): Growth[] {
  const block = blocks.find((each) => each.wwid === lun.wwid);
  const [reported] = reportedSizes(lun, offered);
  if (block === undefined || reported === undefined) return [];
  const hosts = lun.on.flatMap((on) => {
    const span = spans.get(on.host.uuid)?.find(({ device }) => device === on.physicalVolume?.device);
    return span === undefined ? [] : [{ on, span }];
  });
  return [{ block, lun, offeredBytes: reported.bytes, hosts }];
}
