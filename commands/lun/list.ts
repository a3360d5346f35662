import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { clusterNamed, someHostsOf } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inTurns } from "../../src/core/parts.ts";
import type { HostView } from "../../src/storage/observe/host-view.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { lunsOf } from "../../src/storage/observe/lun.ts";
import { withUses } from "../../src/storage/observe/use.ts";
import { makingLunTable, problemsPart } from "../../src/storage/render/matrix.ts";
import { unnamedPart } from "../../src/storage/render/unnamed-disks.ts";

/** LUNs that somebody has open without a device on them, and those without a map. */
const openWwids = (views: readonly HostView[]): string[] =>
  lunsOf(views).flatMap(({ wwid, on }) =>
    on.some(({ map, unexplainedOpens }) => map === null || unexplainedOpens > 0) ? [wwid] : [],
  );

export const lunList = defineQuery({
  name: "lun list",
  summary: "every LUN that the cluster's hosts see: map, paths, what it holds, whose it is",
  args: z.strictObject({ cluster: nameSchema.describe("cluster whose hosts are asked") }),
  positional: ["cluster"],
  examples: ["lun list cluster-1"],
  narrower: "/zstack lun show CLUSTER WWID",
  async answer({ cluster }, facts) {
    const where = clusterNamed(facts.inventory, cluster);
    const seen = await lookAtHosts(someHostsOf(facts.inventory, where, `listing the LUNs of ${cluster}`), facts);
    // Who it is takes a second round trip: only where something is open, or nothing counts who opens a disk.
    const views = await withUses(seen, openWwids(seen), facts.gather);
    const luns = lunsOf(views);
    const problems = problemsPart(views);
    return {
      title: `${luns.length} LUNs on ${views.length} hosts of ${cluster}`,
      tone: problems === null ? "plain" : "warning",
      parts: [
        luns.length === 0
          ? { kind: "text", text: problems === null ? "No host sees a LUN." : "No host that could be read sees a LUN." }
          : await inTurns(makingLunTable(luns, views, facts.inventory)),
        ...unnamedPart(views),
        ...(problems === null ? [] : [problems]),
      ],
      next: luns.length === 0 ? [`host rescan ${cluster}`] : [],
    };
  },
});
