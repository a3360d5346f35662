import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostsMeant } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { problemsOf } from "../../src/sharedblock/look.ts";
import { problemsPart } from "../../src/sharedblock/matrix.ts";
import { healthOf, multipathParts } from "../../src/sharedblock/multipath.ts";

const reads = { maps: listMultipathMaps };

export const multipathStatus = defineQuery({
  name: "multipath status",
  summary: "every map with its paths and their states, lost and degraded first",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster") }),
  positional: ["hostOrCluster"],
  examples: ["multipath status cluster-1", "multipath status sharedblock-host2"],
  async answer({ hostOrCluster: target }, facts) {
    const views = await Promise.all(
      hostsMeant(facts.inventory, target).map(async (host) => {
        const seen = await facts.gather(host, reads);
        return { host, maps: seen.maps.kind === "done" ? seen.maps.value : [], problems: problemsOf(reads, seen) };
      }),
    );
    const problems = problemsPart(views);
    const healths = new Set(views.flatMap(({ maps }) => maps.map(healthOf)));
    const worst = healths.has("lost") ? "bad" : healths.has("degraded") || problems !== null ? "warning" : "good";
    return {
      title: `Multipath of ${target}`,
      tone: worst,
      parts: [...multipathParts(views, null), ...(problems === null ? [] : [problems])],
      next: worst === "good" ? [] : [`host rescan ${target}`],
    };
  },
});
