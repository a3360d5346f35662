import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { clusterNamed, hostsBeside, refuse, someHostsOf } from "../../src/core/find.ts";
import { nameSchema, type PrimaryStorage } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { typedWords } from "../../src/core/typed-words.ts";
import { contentObjections } from "../../src/storage/checks/checks.ts";
import { groupObjections, groupState } from "../../src/storage/checks/group.ts";
import { resolveLun } from "../../src/storage/checks/resolve.ts";
import { sectorObjections } from "../../src/storage/checks/sector-size.ts";
import { answersOf } from "../../src/storage/checks/unasked.ts";
import { unaskedSchema } from "../../src/storage/host-names.ts";
import { unreadHosts } from "../../src/storage/observe/host-view.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { lunsOf } from "../../src/storage/observe/lun.ts";
import { additionPlan } from "../../src/storage/plans/add.ts";
import { claimFor } from "../../src/storage/plans/claim.ts";
import { candidatesOf, lunObjections, refuseOwned, withTheirUses } from "../../src/storage/plans/wanted-luns.ts";
import { prepareObjections } from "../../src/storage/steps/lock-settings.ts";
import { survey } from "../../src/storage/steps/survey.ts";
import { wwidListSchema } from "../../src/storage/wwid.ts";

const args = z.strictObject({
  cluster: nameSchema.describe("cluster whose hosts share the storage"),
  wwid: wwidListSchema.describe("the LUN's WWID or its name in /dev/disk/by-id; several with commas"),
  name: nameSchema.describe("name of the primary storage; without it sharedblock-CLUSTER").optional(),
  description: z.string().max(2000).describe("what it is for").optional(),
  wipe: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: what is on the LUN may be destroyed"),
  unasked: unaskedSchema,
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
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory, askedAt } = facts;
  const cluster = clusterNamed(inventory, asked.cluster);
  const doing = `adding ${asked.wwid.join(", ")} to ${cluster.name}`;
  const hosts = someHostsOf(inventory, cluster, doing);
  const [surveys, otherViews] = await Promise.all([
    survey(hosts, facts),
    lookAtHosts(hostsBeside(hosts, inventory), facts),
  ]);
  const views = surveys.map((each) => each.view);
  refuse(doing, unreadHosts(views, []), [`multipath status ${cluster.name}`, `lun list ${cluster.name}`]);

  const seen = lunsOf(views);
  const luns = [...new Set(asked.wwid.map((given) => resolveLun(given, seen, views, cluster.name)))];
  const isContinued = (claimedBy: PrimaryStorage) => claimedBy.clusterUuids.includes(cluster.uuid);
  for (const lun of luns) refuseOwned(doing, lun, inventory, isContinued);
  const { storage, givenUp } = claimFor(asked, cluster, luns, views, facts, doing);
  const wanted = await withTheirUses({ luns, views, otherViews }, facts);
  const others = answersOf(doing, {
    ...{ sharing: views, beside: otherViews, vouchedFor: asked.unasked, inventory },
    luns,
    again: (unasked) => againWith(asked, unasked),
  });
  const look = [...luns.map((lun) => `lun show ${cluster.name} ${lun.wwid}`), "help sharedblock add"];
  const objections = [
    ...lunObjections(wanted, storage.uuid),
    ...unreadHosts(views, [storage.uuid]),
    ...sectorObjections(luns, []),
    ...groupObjections(storage.uuid, luns, views),
    ...surveys.flatMap(prepareObjections),
  ];
  refuse(doing, [...objections, ...others.objections], objections.length > 0 ? look : [...others.next, ...look]);

  const made = groupState(storage.uuid, luns, views) === "whole";
  const candidates = await candidatesOf(wanted, others.hosts, storage, facts);
  if (!made)
    refuse(
      doing,
      candidates.flatMap((candidate) => contentObjections(candidate, asked.wipe)),
      look,
    );
  return additionPlan({
    cluster,
    storage,
    givenUp,
    asked: others.hosts,
    surveys,
    candidates,
    made,
    inventory,
    askedAt,
  });
}

const againWith = ({ cluster, wwid, name, description, wipe }: z.output<typeof args>, unasked: string): string =>
  typedWords("sharedblock add", [cluster], {
    ...{ wwid: wwid.join(","), name, description },
    ...{ wipe: wipe ? "true" : undefined, unasked },
  });
