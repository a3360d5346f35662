import type { Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { Part } from "../../core/reply.ts";

/** LUNs that an interrupted add or extend has claimed for the storage. */
export const unfinishedWwids = ({ sharedBlocks }: PrimaryStorage): string[] =>
  sharedBlocks.filter((block) => block.addedAt === null).map(({ wwid }) => wwid);

/** None of its LUNs is finished. Its volume group may be missing or incomplete. */
export const hasNoFinishedLun = (storage: PrimaryStorage): boolean =>
  unfinishedWwids(storage).length === storage.sharedBlocks.length;

/**
 * The command that finishes the claimed LUNs. A storage without a finished LUN and without a cluster can only be
 * deleted.
 */
export function finishWords(storage: PrimaryStorage, inventory: Inventory): string {
  const { name, clusterUuids } = storage;
  const wwids = `wwid=${unfinishedWwids(storage).join(",")}`;
  if (!hasNoFinishedLun(storage)) return `sharedblock extend ${name} ${wwids}`;
  const cluster = inventory.clusters.find(({ uuid }) => clusterUuids.includes(uuid));
  return cluster === undefined ? `sharedblock delete ${name}` : `sharedblock add ${cluster.name} ${wwids} name=${name}`;
}

/** What is unfinished in a storage, with the commands that finish or cancel it. */
export function unfinishedParts(storage: PrimaryStorage, inventory: Inventory): Part[] {
  const wwids = unfinishedWwids(storage);
  if (wwids.length === 0) return [];
  const cancelCommands = wwids.map((wwid) => `/zstack lun rescue ${wwid}`).join(", ");
  const text = `Reserved, but not finished: ${wwids.join(", ")}. ${finishText(storage, inventory)} To cancel: ${cancelCommands}.`;
  return [{ kind: "text", text, tone: "warning" }];
}

function finishText(storage: PrimaryStorage, inventory: Inventory): string {
  const words = `/zstack ${finishWords(storage, inventory)}`;
  if (storage.clusterUuids.length > 0) return `To finish: ${words}.`;
  return hasNoFinishedLun(storage)
    ? `To remove what is left: ${words}.`
    : `To finish, once it is attached again: ${words}.`;
}
