import type { Facts } from "../../core/facts.ts";
import { storageNamed } from "../../core/find.ts";
import { inventoryPlan } from "../../core/inventory-plan.ts";
import type { Plan } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";

export async function planDescribe(
  { name, description }: { readonly name: string; readonly description: string },
  { inventory }: Facts,
): Promise<Plan> {
  const storage = storageNamed(inventory, name);
  const parts: Part[] = [
    {
      kind: "fields",
      fields: [
        ["before", storage.description || "none"],
        ["after", description || "none"],
      ],
    },
  ];
  const plan = inventoryPlan(
    { title: `Describe ${name}`, verb: "Describe", undo: { none: "Describe it again." } },
    [{ kind: "primary storage described", uuid: storage.uuid, description }],
    parts,
  );
  return { ...plan, result: async () => ({ shown: parts }) };
}
