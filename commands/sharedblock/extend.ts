import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, hostsBeside, refuse, storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { typedWords } from "../../src/core/typed-words.ts";
import { canBackUpSignatures } from "../../src/host/wipefs.ts";
import { contentObjections } from "../../src/storage/checks/checks.ts";
import { isMember } from "../../src/storage/checks/group.ts";
import { resolveLun } from "../../src/storage/checks/resolve.ts";
import { sectorObjections } from "../../src/storage/checks/sector-size.ts";
import { answersOf } from "../../src/storage/checks/unasked.ts";
import { refuseDevicesFiles, refuseUnserved, writerOn } from "../../src/storage/checks/writable.ts";
import { unaskedSchema } from "../../src/storage/host-names.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { lunsOf } from "../../src/storage/observe/lun.ts";
import { extensionPlan } from "../../src/storage/plans/extend.ts";
import { candidatesOf, lunObjections, refuseOwned, withTheirUses } from "../../src/storage/plans/wanted-luns.ts";
import { wwidListSchema } from "../../src/storage/wwid.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  wwid: wwidListSchema.describe("the new LUN's WWID or its name in /dev/disk/by-id; several with commas"),
  wipe: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: what is on the LUN may be destroyed"),
  unasked: unaskedSchema,
});

export const sharedBlockExtend = defineChange({
  name: "sharedblock extend",
  summary: "add LUNs to a Shared Block primary storage: the capacity grows",
  risk: "destructive",
  args,
  positional: ["name"],
  examples: [
    "sharedblock extend ps-1 wwid=36f011af000d5c3e70000166e5ab82173",
    "sharedblock extend ps-1 wwid=36b083fe000daf018000015505abbe00a wipe=true",
  ],
  plan,
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { name, wwid, wipe } = asked;
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const doing = `extending ${name} by ${wwid.join(", ")}`;
  // A new LUN takes new volumes at once.
  const takesVolumes = "a new LUN would take new volumes";
  refuseUnserved(doing, storage, inventory, { Disabled: takesVolumes, Maintenance: takesVolumes });
  const hosts = attachedHosts(inventory, storage);
  const [views, otherViews] = await Promise.all([
    lookAtHosts(hosts, facts),
    lookAtHosts(hostsBeside(hosts, inventory), facts),
  ]);
  const writer = writerOn(doing, storage, views);
  await refuseDevicesFiles(doing, storage, views, facts);
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const cluster = clusters[0]?.name ?? "";
  const seen = lunsOf(views);
  const luns = [...new Set(wwid.map((given) => resolveLun(given, seen, views, cluster)))];
  for (const lun of luns) refuseOwned(doing, lun, inventory, (claimedBy) => claimedBy.uuid === storage.uuid);
  const wanted = await withTheirUses({ luns, views, otherViews }, facts);
  const others = answersOf(doing, {
    ...{ sharing: views, beside: otherViews, vouchedFor: asked.unasked, inventory },
    luns,
    again: (unasked) => againWith(asked, unasked),
  });
  const look = [...luns.map((lun) => `lun show ${cluster} ${lun.wwid}`), "help sharedblock extend"];
  const members = seen.filter((lun) => isMember(lun, storage.uuid));
  const objections = [...lunObjections(wanted, storage.uuid), ...sectorObjections(luns, members)];
  refuse(doing, [...objections, ...others.objections], objections.length > 0 ? look : [...others.next, ...look]);

  const candidates = await candidatesOf(wanted, others.hosts, storage, facts);
  const joining = candidates.filter(({ lun }) => !isMember(lun, storage.uuid));
  refuse(
    doing,
    joining.flatMap((candidate) => contentObjections(candidate, wipe)),
    look,
  );
  const { wipefsBacksUp } = await facts.gather(writer, { wipefsBacksUp: canBackUpSignatures });
  return extensionPlan({
    ...{ storage, views, joining, facts, writer },
    joined: candidates.filter(({ lun }) => isMember(lun, storage.uuid)),
    wipefsBacksUp: wipefsBacksUp.kind === "done" && wipefsBacksUp.value,
    asked: others.hosts,
  });
}

const againWith = ({ name, wwid, wipe }: z.output<typeof args>, unasked: string): string =>
  typedWords("sharedblock extend", [name], { wwid: wwid.join(","), wipe: wipe ? "true" : undefined, unasked });
