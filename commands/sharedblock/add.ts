import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { clusterNamed, hostsOf, refuse, someHostsOf, storageOf } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { additionPlan } from "../../src/sharedblock/addition.ts";
import { candidateOf } from "../../src/sharedblock/candidate.ts";
import {
  contentObjections,
  deviceObjections,
  inUseObjections,
  ownershipObjections,
  unreadHosts,
} from "../../src/sharedblock/checks.ts";
import { storageFor } from "../../src/sharedblock/claim.ts";
import { readContents } from "../../src/sharedblock/contents.ts";
import { groupObjections, groupState } from "../../src/sharedblock/group.ts";
import { lookAtHosts } from "../../src/sharedblock/look.ts";
import { lunsOf } from "../../src/sharedblock/lun.ts";
import { prepareObjections } from "../../src/sharedblock/prepare.ts";
import { resolveLun } from "../../src/sharedblock/resolve.ts";
import { storageParts } from "../../src/sharedblock/show.ts";
import { survey } from "../../src/sharedblock/survey.ts";
import { wwidListSchema } from "../../src/sharedblock/wwid.ts";

const args = z.strictObject({
  cluster: nameSchema.describe("cluster whose hosts share the storage"),
  wwid: wwidListSchema.describe("the LUN's WWID or its name in /dev/disk/by-id; several with commas"),
  name: nameSchema.describe("name of the primary storage; without it sharedblock-CLUSTER").optional(),
  description: z.string().max(2000).describe("what it is for").optional(),
  wipe: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: what is on the LUN may be destroyed"),
});

export const sharedBlockAdd = defineChange({
  name: "sharedblock add",
  summary: "make LUNs the Shared Block primary storage of a cluster",
  risk: "destructive",
  args,
  positional: ["cluster"],
  examples: [
    "sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a name=ps-1 wipe=true",
    'sharedblock add cluster-1 wwid=36f011af000d5c3e70000166e5ab82173 description="blank LUN of the second array"',
  ],
  plan,
  async result({ cluster }, facts) {
    const where = clusterNamed(facts.inventory, cluster);
    const storage = storageOf(facts.inventory, where);
    const hosts = hostsOf(facts.inventory, where);
    return storage === null ? [] : storageParts(storage, await lookAtHosts(hosts, facts), facts.inventory);
  },
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const cluster = clusterNamed(inventory, asked.cluster);
  const doing = `adding ${asked.wwid.join(", ")} to ${cluster.name}`;
  const surveys = await survey(someHostsOf(inventory, cluster, doing), facts);
  const views = surveys.map((each) => each.view);
  refuse(doing, unreadHosts(views), [`multipath status ${cluster.name}`, `lun list ${cluster.name}`]);

  const seen = lunsOf(views);
  const luns = [...new Set(asked.wwid.map((given) => resolveLun(given, seen, views, cluster.name)))];
  const storage = storageFor(asked, cluster, luns, facts, doing);
  const look = [...luns.map((lun) => `lun show ${cluster.name} ${lun.wwid}`), "help sharedblock add"];
  const objections = luns.flatMap((lun) => [
    ...ownershipObjections(lun, inventory, storage.uuid),
    ...deviceObjections(lun, views),
    ...inUseObjections(lun, views, storage.uuid),
  ]);
  refuse(
    doing,
    [...objections, ...groupObjections(storage.uuid, luns, views), ...surveys.flatMap(prepareObjections)],
    look,
  );

  const made = groupState(storage.uuid, luns, views) === "whole";
  const candidates = await Promise.all(
    luns.map(async (lun) => candidateOf(lun, await readContents(lun, facts), storage)),
  );
  if (!made)
    refuse(
      doing,
      candidates.flatMap((candidate) => contentObjections(candidate, asked.wipe)),
      look,
    );
  return additionPlan({ cluster, storage, surveys, candidates, made, inventory, askedAt: facts.askedAt });
}
