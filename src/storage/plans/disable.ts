import type { Facts } from "../../core/facts.ts";
import { attachedHosts, storageNamed } from "../../core/find.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { type Reason, Refusal, reason } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { few } from "../../core/shared-facts.ts";
import { storageLocks } from "../locks.ts";
import { servesGroup } from "../observe/lock-state.ts";
import { observeVolumes, type VolumesObservation } from "../observe/volumes.ts";
import { problemsPart } from "../render/matrix.ts";
import { storageNow } from "../render/storage.ts";
import { formatBytes } from "../size.ts";
import { allocationStages, disksOf, diskTable, observeAllocations, seesCompletely } from "../steps/allocation.ts";

/** No host can change the volume group. */
export const noWriter = (name: string): Reason =>
  reason("LOCK_STATE", `no host both sees all LUNs of ${name} and holds its lease`, {
    run: `sharedblock reconnect ${name}`,
  });

export async function planDisable({ name }: { name: string }, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const headline = `${name} can't be disabled`;
  if (storage.state === "Maintenance") {
    const fix = { run: `sharedblock enable ${name}` };
    throw new Refusal(headline, reason("WRONG_STATE", `${name} is in maintenance and takes no volumes at all`, fix));
  }
  const hosts = attachedHosts(inventory, storage);
  const views = await observeAllocations(hosts, facts);
  const serving = views.filter((view) => seesCompletely(view, storage.uuid) && servesGroup(view, storage.uuid));
  const [writer] = serving;
  if (writer === undefined) {
    const why =
      storage.clusterUuids.length === 0
        ? reason("STORAGE_NOT_ATTACHED", `${name} is attached to no cluster, so no volume can be created on it`)
        : noWriter(name);
    throw new Refusal(headline, why, { next: [`sharedblock show ${name}`] });
  }
  if (storage.state === "Disabled" && disksOf(writer, storage.uuid).every((disk) => !disk.allocatable)) {
    throw new Refusal(headline, reason("NOTHING_TO_DO", `${name} is disabled already`), {
      next: [`sharedblock show ${name}`],
    });
  }
  const readers = serving.map((view) => view.host);
  const observation = await observeVolumes(storage.uuid, hosts, facts);
  return plan({
    title: `Disable ${name}`,
    verb: "Disable Storage",
    undo: { command: `sharedblock enable ${name}` },
    facts: [diskTable(writer, storage.uuid, false), ...growthParts(name, observation)],
    stages: [
      ...allocationStages(storage, writer, readers, false),
      {
        kind: "record",
        title: "Record the state",
        changes: [{ kind: "primary storage state wished", uuid: storage.uuid, state: "Disabled" }],
      },
    ],
    locks: storageLocks(storage, inventory),
    result: async (later) => {
      const now = await storageNow(storage, later);
      const text =
        "It takes no new volumes, and its volumes can't grow. Volumes that need no more space work as before.";
      return { ...now, shown: [{ kind: "text", text }, ...now.shown] };
    },
  });
}

/** The volumes that are open now. Thin volumes, snapshots and volumes that must grow will be affected. */
function growthParts(name: string, { volumes, hosts }: VolumesObservation): Part[] {
  const rows = volumes
    .map((volume) => ({ volume, open: volume.activeOn.filter(({ openCount }) => openCount > 0) }))
    .filter(({ open }) => open.length > 0)
    .map(({ volume, open }) => [volume.name, few(open.map(({ host }) => host.name)), formatBytes(volume.sizeBytes)]);
  const problems = problemsPart(hosts);
  return [
    {
      kind: "text",
      text: `No existing volume on ${name} can grow either, thin ones and snapshots included. A VM that writes beyond the size of its volume may pause until /zstack sharedblock enable ${name}.`,
      tone: "warning",
    },
    rows.length === 0
      ? { kind: "text", text: `No volume is seen open${problems === null ? "" : " on the hosts that answered"}.` }
      : { kind: "table", caption: "Open volumes, which can't grow then", columns: ["volume", "open on", "size"], rows },
    ...(problems === null ? [] : [problems]),
  ];
}
