import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, refuse, storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { strangerNext, strangersAmong, strangerText } from "../../src/storage/observe/foreign-hosts.ts";
import { isFree, lookAtHolds } from "../../src/storage/observe/holds.ts";
import { maintenancePlan, unstoppableObjections } from "../../src/storage/plans/maintain.ts";
import { holdNext, holdObjections } from "../../src/storage/steps/withdraw.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  grace: z.coerce
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(120)
    .describe("seconds that machines get to shut down before they lose their power; 0: they are not asked"),
});

export const sharedBlockMaintain = defineChange({
  name: "sharedblock maintain",
  summary: "stop every machine on a storage, NeverStop ones too, and its locks on every host",
  risk: "destructive",
  args,
  positional: ["name"],
  examples: ["sharedblock maintain ps-1", "sharedblock maintain ps-1 grace=600"],
  plan,
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const doing = `taking ${storage.name} into maintenance`;
  const hosts = attachedHosts(inventory, storage);
  const holds = await lookAtHolds(storage.uuid, hosts, facts);
  refuse(doing, holdObjections(storage, holds), holdNext(storage, holds));
  const readings = holds.map(({ hostLeases }) => hostLeases);
  const strangers = strangersAmong(hosts, readings, inventory);
  refuse(
    doing,
    strangers.map((stranger) => strangerText(storage, stranger)),
    [...strangerNext(storage, strangers), `sharedblock maintain ${storage.name}`],
  );
  if (storage.state === "Maintenance" && holds.every(isFree)) {
    throw new Refusal(doing, "it is in maintenance already: no host holds anything of it", [
      `sharedblock enable ${storage.name}`,
    ]);
  }
  refuse(doing, unstoppableObjections(holds), [
    `sharedblock volumes ${storage.name}`,
    `sharedblock maintain ${storage.name}`,
  ]);
  return maintenancePlan({ storage, holds, graceSeconds: asked.grace, inventory });
}
