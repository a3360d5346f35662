import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { clusterNamed, someHostsOf } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { lookAtHosts } from "../../src/sharedblock/looks/look.ts";
import { lunsOf } from "../../src/sharedblock/looks/lun.ts";
import { lunTable, problemsPart } from "../../src/sharedblock/shown/matrix.ts";

export const lunList = defineQuery({
  name: "lun list",
  summary: "every LUN that the cluster's hosts see: map, paths, what it holds, whose it is",
  args: z.strictObject({ cluster: nameSchema.describe("cluster whose hosts are asked") }),
  positional: ["cluster"],
  examples: ["lun list cluster-1"],
  async answer({ cluster }, facts) {
    const where = clusterNamed(facts.inventory, cluster);
    const views = await lookAtHosts(someHostsOf(facts.inventory, where, `listing the LUNs of ${cluster}`), facts);
    const luns = lunsOf(views);
    const problems = problemsPart(views);
    return {
      title: `${luns.length} LUNs on ${views.length} hosts of ${cluster}`,
      tone: problems === null ? "plain" : "warning",
      parts: [
        luns.length === 0
          ? { kind: "text", text: problems === null ? "No host sees a LUN." : "No host that could be read sees a LUN." }
          : lunTable(luns, views, facts.inventory),
        ...(problems === null ? [] : [problems]),
      ],
      next: luns.length === 0 ? [`host rescan ${cluster}`] : [],
    };
  },
});
