import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { wwidNameSchema } from "../../src/storage/arguments.ts";
import { planResize } from "../../src/storage/plans/resize.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  wwid: wwidNameSchema.describe("only this LUN of it; default: all").optional(),
});

export const sharedBlockResize = defineChange({
  name: "sharedblock resize",
  summary: "use the new size of enlarged LUNs: paths, maps and the volume group grow",
  risk: "trust",
  args,
  positional: ["name", "wwid"],
  examples: ["sharedblock resize ps-1", "sharedblock resize ps-1 36b083fe000daf018000015505abbe00a"],
  plan: planResize,
});
