import { z } from "zod";
import { defineQuery, type Facts } from "../../src/core/command.ts";
import { hostsOf } from "../../src/core/find.ts";
import type { PrimaryStorage } from "../../src/core/inventory.ts";
import type { Part } from "../../src/core/reply.ts";
import { type HostView, lookAtHosts } from "../../src/sharedblock/look.ts";
import { problemsPart } from "../../src/sharedblock/matrix.ts";
import { stateText, statusOf } from "../../src/sharedblock/show.ts";
import { formatBytes } from "../../src/sharedblock/size.ts";

const columns = ["name", "state", "clusters", "hosts connected", "LUNs", "capacity", "available"];

export const sharedBlockList = defineQuery({
  name: "sharedblock list",
  summary: "the Shared Block storages: state, clusters, connected hosts and capacity as seen now",
  args: z.strictObject({}),
  positional: [],
  examples: ["sharedblock list"],
  async answer(_args, facts) {
    const seen = await Promise.all(facts.inventory.primaryStorages.map((storage) => look(storage, facts)));
    const problems = problemsPart(seen.flatMap(({ views }) => views));
    const table: Part = { kind: "table", columns, rows: seen.map(({ row }) => row) };
    return {
      title: `${seen.length} Shared Block storages`,
      tone: problems === null ? "plain" : "warning",
      parts: [
        seen.length === 0 ? { kind: "text", text: "There is none yet." } : table,
        ...(problems === null ? [] : [problems]),
      ],
      next: seen.length === 0 ? ["help sharedblock add"] : [],
    };
  },
});

async function look(storage: PrimaryStorage, facts: Facts): Promise<{ row: string[]; views: HostView[] }> {
  const clusters = facts.inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const views = await lookAtHosts(
    clusters.flatMap((cluster) => hostsOf(facts.inventory, cluster)),
    facts,
  );
  const group = views.flatMap((view) => view.groups).find((each) => each.name === storage.uuid);
  const connected = views.filter((view) => statusOf(storage, view) === "Connected").length;
  const row = [
    storage.name,
    stateText(storage),
    clusters.map((cluster) => cluster.name).join(", ") || "none",
    `${connected} of ${views.length}`,
    String(storage.sharedBlocks.length),
    group ? formatBytes(group.sizeBytes) : "unknown",
    group ? formatBytes(group.freeBytes) : "unknown",
  ];
  return { row, views };
}
