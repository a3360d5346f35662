import { clusterNamed, hostsOf, someHostsOf, storageOf } from "../../core/find.ts";
import type { Blocked, FilledForm, GuidedForm, WrongInput } from "../../core/guided-form.ts";
import { type Cluster, type Inventory, nameSchema } from "../../core/inventory.ts";
import { finishWords, hasNoFinishedLun } from "../checks/unfinished.ts";
import { observedOffer } from "./observed-offer.ts";

/** *Add Storage* builds the command `sharedblock add`. */
export const addForm: GuidedForm = {
  title: "Add Storage",
  subject: {
    label: "Cluster",
    none: { why: "The inventory has no cluster.", fix: "help cluster add" },
    choices: (inventory) =>
      inventory.clusters.map((cluster) => ({
        value: cluster.name,
        text: cluster.name,
        detail: about(cluster, inventory),
      })),
    blocked: (subject, inventory) => blocked(clusterNamed(inventory, subject), inventory),
  },
  texts: [
    { key: "name", label: "Name", hint: "Without a name the storage is called sharedblock-CLUSTER." },
    { key: "description", label: "Description", hint: "What the storage is for, in one line." },
  ],
  observe: (subject, facts) => {
    const cluster = clusterNamed(facts.inventory, subject);
    return observedOffer(someHostsOf(facts.inventory, cluster, `adding a storage to ${subject}`), facts);
  },
  wrong: (filled, inventory) => nameErrors(filled, inventory),
  typed: ({ subject, wwids, name, description, wipe }) => ({
    name: "sharedblock add",
    inPlace: [subject],
    given: {
      ...{ wwid: wwids.join(","), name: name ?? undefined, description: description ?? undefined },
      wipe: wipe ? "true" : undefined,
    },
  }),
};

function about(cluster: Cluster, inventory: Inventory): string {
  const count = hostsOf(inventory, cluster).length;
  const hosts = count === 1 ? "1 host" : `${count} hosts`;
  const storage = storageOf(inventory, cluster);
  return storage === null ? hosts : `${hosts} · has the storage ${storage.name}`;
}

function blocked(cluster: Cluster, inventory: Inventory): Blocked | null {
  const { name } = cluster;
  if (hostsOf(inventory, cluster).length === 0) return { why: `${name} has no hosts.`, fix: "help host add" };
  const storage = storageOf(inventory, cluster);
  if (storage === null) return null;
  return hasNoFinishedLun(storage)
    ? { why: `The storage ${storage.name} of ${name} is not finished.`, fix: finishWords(storage, inventory) }
    : { why: `${name} has the storage ${storage.name}. A cluster has one at most.`, fix: "sharedblock extend" };
}

function nameErrors({ subject, name }: FilledForm, inventory: Inventory): WrongInput[] {
  const given = name ?? `sharedblock-${subject}`;
  const parsed = nameSchema.safeParse(given);
  if (!parsed.success) return [{ field: "name", why: `This ${parsed.error.issues[0]?.message}.` }];
  if (!inventory.primaryStorages.some((storage) => storage.name === given)) return [];
  return [{ field: "name", why: `The storage ${given} exists. Type another name.` }];
}
