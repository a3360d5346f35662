import type { Facts } from "../../core/facts.ts";
import { storageNamed } from "../../core/find.ts";
import { inventoryPlan } from "../../core/inventory-plan.ts";
import type { Plan } from "../../core/plan.ts";
import { Refusal, reason } from "../../core/refusal.ts";
import { nameLock } from "../locks.ts";

export async function planRename(
  { name, new: wanted }: { readonly name: string; readonly new: string },
  { inventory }: Facts,
): Promise<Plan> {
  const storage = storageNamed(inventory, name);
  if (inventory.primaryStorages.some((each) => each.name === wanted)) {
    const why = wanted === name ? "that is its name already" : `a storage ${wanted} exists already`;
    throw new Refusal(`${name} can't be renamed to ${wanted}`, reason("NAME_TAKEN", why), {
      next: ["sharedblock list"],
    });
  }
  const plan = inventoryPlan(
    {
      title: `Rename ${name} to ${wanted}`,
      verb: "Rename",
      undo: { command: `sharedblock rename ${wanted} new=${name}` },
    },
    [{ kind: "primary storage renamed", uuid: storage.uuid, name: wanted }],
  );
  return { ...plan, locks: [...plan.locks, nameLock(wanted)] };
}
