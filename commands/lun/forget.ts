import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { clusterNamed, refuse, someHostsOf } from "../../src/core/find.ts";
import { type Cluster, type Inventory, nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { resolveLun } from "../../src/storage/checks/resolve.ts";
import { heldObjections, lookAtKernel, offerObjections, stalePathsOf } from "../../src/storage/checks/stale-lun.ts";
import { unreadHosts } from "../../src/storage/observe/host-view.ts";
import { type Lun, type LunOnHost, lunsOf } from "../../src/storage/observe/lun.ts";
import { askSizes } from "../../src/storage/observe/offered-size.ts";
import { withUses } from "../../src/storage/observe/use.ts";
import { ownerOf } from "../../src/storage/owner.ts";
import { type ForgottenOn, forgettingPlan } from "../../src/storage/plans/forget.ts";
import { wwidNameSchema } from "../../src/storage/wwid.ts";

const args = z.strictObject({
  cluster: nameSchema.describe("cluster whose hosts forget the LUN"),
  wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
});

export const lunForget = defineChange({
  name: "lun forget",
  summary: "take a LUN that the array no longer offers off the hosts: its map, then its dead paths",
  risk: "trust",
  args,
  positional: ["cluster", "wwid"],
  examples: ["lun forget cluster-1 36b083fe000daf018000015615abbe7c8"],
  plan,
});

async function plan({ cluster: name, wwid }: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const cluster = clusterNamed(facts.inventory, name);
  const doing = `forgetting ${wwid} on the hosts of ${name}`;
  const hosts = someHostsOf(facts.inventory, cluster, doing);
  const views = await Promise.all(hosts.map((host) => lookAtKernel(host, facts)));
  // A host that can't be read keeps its dead paths; that is no reason for the others to keep theirs.
  const able = views.filter((view) => view.problems.length === 0);
  if (able.length === 0) throw new Refusal(doing, unreadHosts(views, []), [`cluster show ${name}`]);
  const named = resolveLun(wwid, lunsOf(able), views, name);
  const read = await withUses(able, [named.wwid], facts.gather);
  const lun = lunsOf(read).find((each) => each.wwid === named.wwid) ?? named;
  refuseOwned(doing, lun, cluster, facts.inventory);

  const asked = await Promise.all(lun.on.map((on) => answersOn(on, facts)));
  const objections = lun.on.flatMap((on) => heldObjections(lun.wwid, on));
  refuse(
    doing,
    [
      ...objections,
      ...asked.flatMap(({ host, byDisk, problems }) => [...problems, ...offerObjections(lun.wwid, host, byDisk)]),
    ],
    [`lun show ${name} ${lun.wwid}`],
  );
  const on = lun.on.flatMap((each): ForgottenOn[] => {
    const view = read.find(({ host }) => host === each.host);
    return view === undefined ? [] : [{ host: each.host, map: each.map, paths: stalePathsOf(each, view) }];
  });
  return forgettingPlan({ cluster, wwid: lun.wwid, on, leftOut: unreadHosts(views, [lun.wwid]) });
}

/** An empty map has no path to ask. */
const answersOn = async (on: LunOnHost, facts: Facts) =>
  on.pathSizes.size === 0
    ? { host: on.host, byDisk: new Map<string, never>(), problems: [] }
    : askSizes(on.host, [...on.pathSizes.keys()], facts);

/** Hosts whose cluster the storage is not attached to, or no more, have no use for its LUNs. */
function refuseOwned(doing: string, { wwid }: Lun, cluster: Cluster, inventory: Inventory): void {
  const owner = ownerOf(wwid, inventory);
  if (owner === null || !owner.storage.clusterUuids.includes(cluster.uuid)) return;
  const { name } = owner.storage;
  if (owner.block.addedAt === null) {
    throw new Refusal(doing, `${wwid} is claimed for ${name}`, [`lun rescue ${wwid}`, `sharedblock show ${name}`]);
  }
  throw new Refusal(doing, `${wwid} belongs to ${name}`, [`sharedblock show ${name}`, `sharedblock reconnect ${name}`]);
}
