import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, refuse, storageNamed } from "../../src/core/find.ts";
import { type Cluster, nameSchema, type PrimaryStorage, type SharedBlock } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { listVolumeSpans, type VolumeSpan } from "../../src/host/lvm.ts";
import {
  type Growth,
  growthObjections,
  hasGrown,
  shrunkObjections,
  toldSizes,
} from "../../src/storage/checks/growth.ts";
import { resolveLun } from "../../src/storage/checks/resolve.ts";
import { refuseUnserved, writerOn } from "../../src/storage/checks/writable.ts";
import { type HostView, problemsOf } from "../../src/storage/observe/host-view.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { type Lun, lunsOf } from "../../src/storage/observe/lun.ts";
import { askSizes, type OfferedSizes } from "../../src/storage/observe/offered-size.ts";
import { withIdentities } from "../../src/storage/observe/path-identities.ts";
import { growthPlan } from "../../src/storage/plans/resize.ts";
import { formatBytes } from "../../src/storage/size.ts";
import { wwidNameSchema } from "../../src/storage/wwid.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  wwid: wwidNameSchema.describe("only this LUN of it; without it all").optional(),
});

export const sharedBlockResize = defineChange({
  name: "sharedblock resize",
  summary: "follow LUNs that the array enlarged: paths, maps and the volume group take the new size",
  risk: "trust",
  args,
  positional: ["name", "wwid"],
  examples: ["sharedblock resize ps-1", "sharedblock resize ps-1 36b083fe000daf018000015505abbe00a"],
  plan,
});

async function plan({ name, wwid }: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const doing = `resizing ${wwid === undefined ? name : `${wwid} of ${name}`}`;
  refuseUnserved(doing, storage, inventory, { Maintenance: "its locks are stopped" });
  const seen = await lookAtHosts(attachedHosts(inventory, storage), facts);
  const wwids = storage.sharedBlocks.map((block) => block.wwid);
  const views = await Promise.all(seen.map((view) => withIdentities(view, wwids, facts.gather)));
  const writer = writerOn(doing, storage, views);
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const blocks = blocksMeant(storage, wwid, views, clusters, doing);
  const luns = lunsOf(views).filter((lun) => blocks.some((block) => block.wwid === lun.wwid));
  const [offered, spans] = await Promise.all([offeredSizes(luns, views, facts), spansOf(views, facts, doing)]);
  refuse(
    doing,
    [...offered.flatMap(({ problems }) => problems), ...luns.flatMap((lun) => growthObjections(lun, views, offered))],
    [`multipath status ${views[0]?.host.name ?? ""}`, `sharedblock show ${name}`],
  );
  const growths = luns.flatMap((lun) => growthOf(lun, blocks, offered, spans));
  refuse(doing, growths.flatMap(shrunkObjections), [`sharedblock show ${name}`]);
  const strangers = growths.flatMap(({ lun, hosts }) =>
    lun.on
      .filter((on) => !hosts.some((each) => each.on === on))
      .map(({ host }) => `${host.name} does not read ${lun.wwid} as a physical volume of ${name}`),
  );
  refuse(doing, strangers, [`sharedblock show ${name}`]);
  const grown = growths.filter(hasGrown);
  if (grown.length === 0) {
    const sizes = growths.map(({ lun, offeredBytes }) => `${lun.wwid} has ${formatBytes(offeredBytes)}`).join(", ");
    throw new Refusal(doing, `nothing grew: ${sizes} on the array, on every path and in the group`, [
      `sharedblock show ${name}`,
    ]);
  }
  return growthPlan({ storage, inventory, views, writer, growths: grown });
}

function blocksMeant(
  storage: PrimaryStorage,
  wwid: string | undefined,
  views: readonly HostView[],
  clusters: readonly Cluster[],
  doing: string,
): SharedBlock[] {
  const blocks = storage.sharedBlocks.filter((block) => block.addedAt !== null);
  if (wwid === undefined) return blocks;
  const lun = resolveLun(wwid, lunsOf(views), views, clusters[0]?.name ?? "");
  const block = blocks.find((each) => each.wwid === lun.wwid);
  if (block === undefined) {
    throw new Refusal(doing, `${lun.wwid} is no shared block of ${storage.name}`, [`sharedblock show ${storage.name}`]);
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
  doing: string,
): Promise<ReadonlyMap<string, readonly VolumeSpan[]>> {
  const reads = { spans: listVolumeSpans };
  const seen = await Promise.all(views.map(async ({ host }) => ({ host, look: await facts.gather(host, reads) })));
  const problems = seen.flatMap(({ host, look }) => problemsOf(reads, look).map((why) => `${host.name}: ${why}`));
  refuse(doing, problems, [`host show ${seen[0]?.host.name ?? ""}`]);
  return new Map(
    seen.map(({ host, look }) => [host.uuid, look.spans.kind === "done" ? look.spans.value : []] as const),
  );
}

function growthOf(
  lun: Lun,
  blocks: readonly SharedBlock[],
  offered: readonly OfferedSizes[],
  spans: ReadonlyMap<string, readonly VolumeSpan[]>,
): Growth[] {
  const block = blocks.find((each) => each.wwid === lun.wwid);
  const [told] = toldSizes(lun, offered);
  if (block === undefined || told === undefined) return [];
  const hosts = lun.on.flatMap((on) => {
    const span = spans.get(on.host.uuid)?.find(({ device }) => device === on.physicalVolume?.device);
    return span === undefined ? [] : [{ on, span }];
  });
  return [{ block, lun, offeredBytes: told.bytes, hosts }];
}
