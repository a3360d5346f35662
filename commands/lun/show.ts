import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { clusterNamed, someHostsOf, storageOf } from "../../src/core/find.ts";
import { type Cluster, type Inventory, nameSchema } from "../../src/core/inventory.ts";
import type { Part } from "../../src/core/reply.ts";
import { SAMPLED } from "../../src/host/cmp.ts";
import { deviceObjections, inUseObjections } from "../../src/storage/checks/checks.ts";
import { resolveLun } from "../../src/storage/checks/resolve.ts";
import { type Contents, readContents, signatureLine } from "../../src/storage/observe/contents.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { lunsOf } from "../../src/storage/observe/lun.ts";
import { withUses } from "../../src/storage/observe/use.ts";
import { ownerOf } from "../../src/storage/owner.ts";
import { multipathParts } from "../../src/storage/render/maps.ts";
import { lunTable, problemsPart } from "../../src/storage/render/matrix.ts";
import { openerParts } from "../../src/storage/render/openers.ts";
import { wwidNameSchema } from "../../src/storage/wwid.ts";

export const lunShow = defineQuery({
  name: "lun show",
  summary: "one LUN: what every host sees of it and reads from it, and what speaks against using it",
  args: z.strictObject({
    cluster: nameSchema.describe("cluster whose hosts are asked"),
    wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
  }),
  positional: ["cluster", "wwid"],
  examples: ["lun show cluster-1 36b083fe000daf018000015505abbe00a"],
  narrower: "multipath -ll",
  async answer({ cluster, wwid }, facts) {
    const where = clusterNamed(facts.inventory, cluster);
    const seen = await lookAtHosts(someHostsOf(facts.inventory, where, `looking at ${wwid}`), facts);
    const named = resolveLun(wwid, lunsOf(seen), seen, cluster);
    const views = await withUses(seen, [named.wwid], facts.gather);
    const lun = lunsOf(views).find((each) => each.wwid === named.wwid) ?? named;
    const contents = [...(await readContents([lun], facts)).values()].flat();
    const owner = ownerOf(lun.wwid, facts.inventory);
    const objections = [...deviceObjections(lun, views), ...inUseObjections(lun, views, owner?.storage.uuid ?? null)];
    const problems = problemsPart(views);
    return {
      title: `LUN ${lun.wwid}`,
      tone: objections.length > 0 || problems !== null ? "warning" : "plain",
      parts: [
        lunTable([lun], views, facts.inventory),
        contentsPart(contents),
        ...openerParts(lun),
        ...multipathParts(views, new Set([lun.wwid])),
        ...objections.map((text): Part => ({ kind: "text", text: `• ${text}`, tone: "warning" })),
        ...(problems === null ? [] : [problems]),
      ],
      next: owner === null && objections.length === 0 ? [takenBy(facts.inventory, where, lun.wwid)] : [],
    };
  },
});

/** A cluster loads one storage at most: the first LUN makes it, the others extend it. */
function takenBy(inventory: Inventory, cluster: Cluster, wwid: string): string {
  const storage = storageOf(inventory, cluster);
  return storage === null
    ? `sharedblock add ${cluster.name} wwid=${wwid}`
    : `sharedblock extend ${storage.name} wwid=${wwid}`;
}

const contentsPart = (contents: readonly Contents[]): Part => ({
  kind: "table",
  caption: "Read from the disk",
  columns: ["host", "signatures", SAMPLED],
  rows: contents.map(({ host, signatures, blankness, problems }) => [
    host.name,
    problems.length > 0 ? `unknown: ${problems.join("; ")}` : signatures.map(signatureLine).join("; ") || "none",
    blankness === null ? "unknown" : blankness.blank ? "all zero" : `data at byte ${blankness.firstByte}`,
  ]),
});
