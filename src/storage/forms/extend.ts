import { attachedHosts, storageNamed } from "../../core/find.ts";
import type { Blocked, GuidedForm } from "../../core/guided-form.ts";
import type { Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { finishWords, hasNoFinishedLun, unfinishedWwids } from "../checks/unfinished.ts";
import { observedOffer } from "./observed-offer.ts";

/** *Extend Storage* builds the command `sharedblock extend`. */
export const extendForm: GuidedForm = {
  title: "Extend Storage",
  subject: {
    label: "Storage",
    none: { why: "The inventory has no storage.", fix: "sharedblock add" },
    choices: (inventory) =>
      inventory.primaryStorages.map((storage) => ({
        value: storage.name,
        text: storage.name,
        detail: about(storage, inventory),
      })),
    blocked: (subject, inventory) => blocked(storageNamed(inventory, subject), inventory),
  },
  texts: [],
  observe: (subject, facts) =>
    observedOffer(attachedHosts(facts.inventory, storageNamed(facts.inventory, subject)), facts),
  wrong: () => [],
  typed: ({ subject, wwids, wipe }) => ({
    name: "sharedblock extend",
    inPlace: [subject],
    given: { wwid: wwids.join(","), wipe: wipe ? "true" : undefined },
  }),
};

function about({ clusterUuids, sharedBlocks, state }: PrimaryStorage, { clusters }: Inventory): string {
  const names = clusters.filter(({ uuid }) => clusterUuids.includes(uuid)).map(({ name }) => name);
  const luns = sharedBlocks.length === 1 ? "1 LUN" : `${sharedBlocks.length} LUNs`;
  return [state, luns, names.join(", ") || "attached to no cluster"].join(" · ");
}

function blocked(storage: PrimaryStorage, inventory: Inventory): Blocked | null {
  const { name, state } = storage;
  if (hasNoFinishedLun(storage) || unfinishedWwids(storage).length > 0) {
    return { why: `${name} has LUNs that are not finished.`, fix: finishWords(storage, inventory) };
  }
  if (attachedHosts(inventory, storage).length === 0) {
    return { why: `${name} is attached to no cluster with hosts.`, fix: "help sharedblock attach" };
  }
  // LVM may put new volumes on a new LUN at once.
  if (state === "Enabled") return null;
  return { why: `${name} is in state ${state}. A new LUN would take new volumes.`, fix: `sharedblock enable ${name}` };
}
