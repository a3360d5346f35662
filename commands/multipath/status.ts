import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostsMeant } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inTurns, othersTurn } from "../../src/core/parts.ts";
import type { Health } from "../../src/host/multipath.ts";
import { healthsOf, lookAtMaps, makingAliasWarnings, makingMultipathParts } from "../../src/storage/render/maps.ts";
import { problemsPart } from "../../src/storage/render/matrix.ts";

export const multipathStatus = defineQuery({
  name: "multipath status",
  summary: "every map with its paths and their states, lost and degraded first",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster") }),
  positional: ["hostOrCluster"],
  examples: ["multipath status cluster-1", "multipath status sharedblock-host2"],
  narrower: "/zstack multipath status HOST",
  async answer({ hostOrCluster: target }, facts) {
    const views = await lookAtMaps(hostsMeant(facts.inventory, target), facts);
    const maps = await inTurns(makingMultipathParts(views, null));
    const aliases = await inTurns(makingAliasWarnings(views));
    const problems = problemsPart(views);
    const healths = new Set<Health>();
    for (const view of views) {
      for (const { health } of healthsOf(view)) healths.add(health);
      await othersTurn();
    }
    const worst = healths.has("lost") ? "bad" : healths.has("degraded") || problems !== null ? "warning" : "good";
    return {
      title: `Multipath of ${target}`,
      tone: worst,
      parts: [...maps, ...aliases, ...(problems === null ? [] : [problems])],
      next: [
        ...(worst === "good" ? [] : [`host rescan ${target}`]),
        ...(aliases.length === 0 ? [] : [`multipath enable ${target} names=wwid`]),
      ],
    };
  },
});
