import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { refreshSchema } from "../../src/storage/arguments.ts";
import { storageReply } from "../../src/storage/render/storage.ts";

export const sharedBlockShow = defineQuery({
  name: "sharedblock show",
  summary: "one storage: its state, its status on every host, capacity, LUNs, paths",
  args: z.strictObject({
    name: nameSchema.describe("name of the primary storage"),
    refresh: refreshSchema.default(true).describe("false: don't ask the hosts, show the last observation"),
  }),
  positional: ["name"],
  examples: ["sharedblock show ps-1", "sharedblock show ps-1 refresh=false"],
  answer: storageReply,
});
