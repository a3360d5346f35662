import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { volumesReply } from "../../src/storage/render/volume-table.ts";

export const sharedBlockVolumes = defineQuery({
  name: "sharedblock volumes",
  summary: "the volumes on a storage: size, tags, where each is active, open and locked",
  args: z.strictObject({ name: nameSchema.describe("name of the primary storage") }),
  positional: ["name"],
  examples: ["sharedblock volumes ps-1"],
  narrower: "lvs",
  answer: volumesReply,
});
