import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";

export const hostList = defineQuery({
  name: "host list",
  summary: "the registered hosts",
  args: z.strictObject({}),
  positional: [],
  examples: ["host list"],
  async answer(_args, { inventory }) {
    const rows = inventory.hosts.map((host) => [
      host.name,
      inventory.clusters.find((cluster) => cluster.uuid === host.clusterUuid)?.name ?? "",
      `${host.address}:${host.port}`,
      host.user,
      String(host.sanlockHostId ?? "none"),
    ]);
    return {
      title: `${rows.length} hosts`,
      tone: "plain",
      parts: [{ kind: "table", columns: ["host", "cluster", "address", "user", "sanlock host id"], rows }],
      next: rows.length === 0 ? ["help host add"] : [],
    };
  },
});
