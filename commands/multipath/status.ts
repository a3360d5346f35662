import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostsMeant } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { problemsPart } from "../../src/sharedblock/shown/matrix.ts";
import { aliasWarnings, healthsOf, lookAtMaps, multipathParts } from "../../src/sharedblock/shown/multipath.ts";

export const multipathStatus = defineQuery({
  name: "multipath status",
  summary: "every map with its paths and their states, lost and degraded first",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster") }),
  positional: ["hostOrCluster"],
  examples: ["multipath status cluster-1", "multipath status sharedblock-host2"],
  async answer({ hostOrCluster: target }, facts) {
    const views = await lookAtMaps(hostsMeant(facts.inventory, target), facts);
    const aliases = aliasWarnings(views);
    const problems = problemsPart(views);
    const healths = new Set(views.flatMap(healthsOf).map(({ health }) => health));
    const worst = healths.has("lost") ? "bad" : healths.has("degraded") || problems !== null ? "warning" : "good";
    return {
      title: `Multipath of ${target}`,
      tone: worst,
      parts: [...multipathParts(views, null), ...aliases, ...(problems === null ? [] : [problems])],
      next: [
        ...(worst === "good" ? [] : [`host rescan ${target}`]),
        ...(aliases.length === 0 ? [] : [`multipath enable ${target} names=wwid`]),
      ],
    };
  },
});
