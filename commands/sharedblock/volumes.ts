import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { attachedHosts, storageNamed, zoneHosts } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Part } from "../../src/core/reply.ts";
import { lookAtVolumes } from "../../src/storage/observe/volumes.ts";
import { problemsPart } from "../../src/storage/render/matrix.ts";
import { volumeOddities, volumeTable } from "../../src/storage/render/volume-table.ts";
import { formatBytes } from "../../src/storage/size.ts";

export const sharedBlockVolumes = defineQuery({
  name: "sharedblock volumes",
  summary: "the logical volumes on a storage: size, tags, where each is active and open, who holds its lock",
  args: z.strictObject({ name: nameSchema.describe("name of the primary storage") }),
  positional: ["name"],
  examples: ["sharedblock volumes ps-1"],
  narrower: "lvs",
  async answer({ name }, facts) {
    const storage = storageNamed(facts.inventory, name);
    const asked = storage.clusterUuids.length > 0 ? attachedHosts : zoneHosts;
    const { seenBy, volumes, hosts } = await lookAtVolumes(storage.uuid, asked(facts.inventory, storage), facts);
    const problems = problemsPart(hosts);
    const oddities = volumeOddities(volumes, hosts);
    return {
      title:
        seenBy.length === 0
          ? `Volumes of ${name}`
          : `${volumes.length} volume${volumes.length === 1 ? "" : "s"} on ${name}`,
      tone: seenBy.length === 0 || oddities.length > 0 || problems !== null ? "warning" : "plain",
      parts: [
        ...(volumes.length > 0
          ? [volumeTable(volumes), totalOf(volumes)]
          : [noneText(seenBy.length > 0, storage.uuid)]),
        ...oddities.map((text): Part => ({ kind: "text", text: `• ${text}`, tone: "warning" })),
        ...(problems === null ? [] : [problems]),
      ],
      next: [`sharedblock show ${name}`],
    };
  },
});

const totalOf = (volumes: readonly { readonly sizeBytes: number }[]): Part => ({
  kind: "text",
  text: `${formatBytes(volumes.reduce((sum, volume) => sum + volume.sizeBytes, 0))} in all.`,
});

/** "None" is only said of a volume group that somebody has read. */
const noneText = (isSeen: boolean, volumeGroup: string): Part =>
  isSeen
    ? { kind: "text", text: "There is no volume on it." }
    : { kind: "text", text: `No host that could be read sees the volume group ${volumeGroup}.`, tone: "warning" };
