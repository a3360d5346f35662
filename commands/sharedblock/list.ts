import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { refreshSchema } from "../../src/storage/arguments.ts";
import { storageListReply } from "../../src/storage/render/storage.ts";

export const sharedBlockList = defineQuery({
  name: "sharedblock list",
  summary: "the Shared Block storages: desired state, status as last observed, capacity",
  args: z.strictObject({ refresh: refreshSchema.default(false).describe("true: observe the hosts again") }),
  positional: [],
  examples: ["sharedblock list", "sharedblock list refresh=true"],
  answer: storageListReply,
});
