import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planReconnect } from "../../src/storage/plans/reconnect.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  host: nameSchema.describe("the host to bring back; default: every host").optional(),
});

export const sharedBlockReconnect = defineChange({
  name: "sharedblock reconnect",
  summary:
    "bring a host or all back to a storage: scan, maps, settings, services, locks; says what was wrong with each",
  risk: "reversible",
  args,
  positional: ["name", "host"],
  examples: ["sharedblock reconnect ps-1", "sharedblock reconnect ps-1 sharedblock-host2"],
  plan: planReconnect,
});
