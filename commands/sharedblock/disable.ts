import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import {
  allocationStages,
  disksOf,
  diskTable,
  holdsLease,
  lookAtAllocations,
  seesWhole,
} from "../../src/sharedblock/allocation.ts";
import { storageNow } from "../../src/sharedblock/attachment.ts";
import { storageLocks } from "../../src/sharedblock/locks.ts";

export const sharedBlockDisable = defineChange({
  name: "sharedblock disable",
  summary: "let a storage take no new volumes; what is on it goes on",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the primary storage") }),
  positional: ["name"],
  examples: ["sharedblock disable ps-1"],
  plan,
});

async function plan({ name }: { name: string }, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const doing = `disabling ${name}`;
  if (storage.state === "Maintenance") {
    throw new Refusal(doing, `${name} is in maintenance: it takes no volumes at all`, [`sharedblock enable ${name}`]);
  }
  const views = await lookAtAllocations(attachedHosts(inventory, storage), facts);
  const serving = views.filter((view) => seesWhole(view, storage.uuid) && holdsLease(view, storage.uuid));
  const [writer] = serving;
  if (writer === undefined) {
    const why =
      storage.clusterUuids.length === 0
        ? `${name} is attached to no cluster: nobody can make volumes on it`
        : `no host sees all of ${name} and holds its lease, which changing its volume group needs`;
    throw new Refusal(doing, why, [`sharedblock show ${name}`]);
  }
  if (storage.state === "Disabled" && disksOf(writer, storage.uuid).every((disk) => !disk.allocatable)) {
    throw new Refusal(doing, `${name} is disabled already`, [`sharedblock show ${name}`]);
  }
  const readers = serving.map((view) => view.host);
  return {
    title: `Disable ${name}`,
    facts: [diskTable(writer, storage.uuid, false)],
    irreversible: [],
    stages: [
      ...allocationStages(storage, writer, readers, false),
      {
        kind: "record",
        title: "Record the state",
        changes: [{ kind: "primary storage state wished", uuid: storage.uuid, state: "Disabled" }],
      },
    ],
    typedConfirmation: null,
    locks: storageLocks(storage, inventory),
    afterwards: [],
    result: async (later) => [
      { kind: "text", text: "It takes no new volumes. What is on it goes on." },
      ...(await storageNow(storage, later)),
    ],
  };
}
