import { z } from "zod";
import { defineQuery, type Facts } from "../../src/core/command.ts";
import { attachedHosts } from "../../src/core/find.ts";
import type { PrimaryStorage } from "../../src/core/inventory.ts";
import type { Part } from "../../src/core/reply.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { capacityText, observed } from "../../src/storage/observe/last-observation.ts";
import { refreshSchema } from "../../src/storage/refresh.ts";
import { problemsPart } from "../../src/storage/render/matrix.ts";
import { stateText } from "../../src/storage/render/storage-fields.ts";

const columns = ["name", "state (wished)", "clusters", "status (observed)", "looked", "LUNs", "capacity", "available"];

export const sharedBlockList = defineQuery({
  name: "sharedblock list",
  summary: "the Shared Block storages: the state that is wished, the status as last observed, capacity",
  args: z.strictObject({ refresh: refreshSchema.default(false).describe("true: look at the hosts anew") }),
  positional: [],
  examples: ["sharedblock list", "sharedblock list refresh=true"],
  async answer({ refresh }, facts) {
    const storages = facts.inventory.primaryStorages;
    const hosts = [...new Set(storages.flatMap((storage) => attachedHosts(facts.inventory, storage)))];
    const problems = refresh ? problemsPart(await lookAtHosts(hosts, facts)) : null;
    const table: Part = { kind: "table", columns, rows: storages.map((storage) => row(storage, facts)) };
    return {
      title: `${storages.length} Shared Block storages`,
      tone: problems === null ? "plain" : "warning",
      parts: [
        storages.length === 0 ? { kind: "text", text: "There is none yet." } : table,
        ...(problems === null ? [] : [problems]),
      ],
      next: storages.length === 0 ? ["help sharedblock add"] : refresh ? [] : ["sharedblock list refresh=true"],
    };
  },
});

function row(storage: PrimaryStorage, facts: Facts): string[] {
  const clusters = facts.inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const { status, looked, capacity } = observed(storage, facts);
  return [
    storage.name,
    stateText(storage),
    clusters.map((cluster) => cluster.name).join(", ") || "none",
    status,
    looked,
    String(storage.sharedBlocks.length),
    capacityText(capacity, "sizeBytes"),
    capacityText(capacity, "freeBytes"),
  ];
}
