import type { InventoryChange } from "./inventory-change.ts";
import type { Plan } from "./plan.ts";
import type { Part } from "./reply.ts";

/** The plan of a change that touches no host: the inventory alone. */
export const inventoryPlan = (
  { title, verb, undo }: Pick<Plan, "title" | "verb" | "undo">,
  changes: readonly InventoryChange[],
  facts: readonly Part[] = [],
): Plan => ({
  title,
  verb,
  undo,
  facts,
  irreversible: [],
  stages: [{ kind: "record", title: "Write the inventory", changes }],
  typedConfirmation: null,
  locks: ["inventory"],
  afterwards: [],
  result: null,
});
