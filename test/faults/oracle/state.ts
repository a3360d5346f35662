import type { Operation } from "../../../src/core/operation.ts";
import { textIn } from "../../scenario/message-text.ts";
import type { Evidence } from "../evidence.ts";
import { END, titleOf } from "./seen.ts";
import { isAboutStorage } from "./words.ts";

type Storage = Evidence["inventory"]["primaryStorages"][number];

/** Commands after which every host is in the storage's lockspace, or none. */
const SERVING = /^sharedblock (add|attach|detach|enable|maintain|reconnect|delete)\b/;

/**
 * What an operation reported as done is true on the array and on the hosts. The simulated ones count, not what the
 * bot observed of them.
 */
export function untrueState(evidence: Evidence): string[] {
  const { inventory, inventoryBefore } = evidence;
  const gone = inventoryBefore.primaryStorages.filter(({ uuid }) =>
    inventory.primaryStorages.every((storage) => storage.uuid !== uuid),
  );
  return [
    ...inventory.primaryStorages.flatMap((storage) => untrueOf(storage, evidence)),
    ...gone.flatMap((storage) => leftOf(storage, evidence)),
  ];
}

/** The operations that began to change this storage, in order. */
function begunOn({ name, uuid }: Storage, { operations, audit }: Evidence): Operation[] {
  return operations.filter(
    ({ id, words, shown }) =>
      (isAboutStorage(words, name) || shown.some((line) => line.includes(uuid))) &&
      audit.some(
        ({ entry: { operationId, event } }) =>
          operationId === id && (event.kind === "recording" || (event.kind === "began" && event.effect !== "read")),
      ),
  );
}

function untrueOf(storage: Storage, evidence: Evidence): string[] {
  const { san, inventory } = evidence;
  const begun = begunOn(storage, evidence);
  const latest = begun.at(-1);
  // An operation that is failed or unknown says so itself.
  if (begun.some(({ state }) => state !== "done") && !(latest?.state === "done" && SERVING.test(latest.words)))
    return [];
  const group = san.volumeGroups.find(({ name }) => name === storage.uuid);
  // An unfinished claim says so. Its volume group may not exist yet.
  if (group === undefined && storage.sharedBlocks.every(({ addedAt }) => addedAt === null)) return [];
  if (group === undefined) return [`${storage.name} is in the inventory, and its volume group is not on the array`];
  const problems = storage.sharedBlocks.flatMap(({ wwid, addedAt }) => {
    const lun = san.luns.find((each) => each.wwid === wwid);
    if (addedAt === null || lun?.content.physicalVolume?.volumeGroupUuid === group.uuid) return [];
    return [`${wwid} is a shared block of ${storage.name}, and not in its volume group`];
  });
  if (latest !== undefined && !SERVING.test(latest.words)) return problems;
  const hosts = inventory.hosts.filter(({ clusterUuid }) => storage.clusterUuids.includes(clusterUuid));
  const end = latest === undefined ? "" : endOf(latest.id, evidence);
  for (const { name } of san.hosts) {
    if (end.includes(`${name} is left out`)) continue;
    // A done operation on one cluster says nothing of another cluster with a failed or unknown one.
    if (begun.some(({ state }) => state !== "done") && !isAboutAny(latest?.words ?? "", name, evidence)) continue;
    const joined = isIn(name, group.uuid, evidence);
    const wanted = storage.state !== "Maintenance" && hosts.some((host) => host.name === name);
    if (joined !== wanted)
      problems.push(
        `${storage.name} is ${storage.state}, and ${name} ${wanted ? "is not" : "is"} in its lockspace after "${latest?.words ?? "the beginning"}: done"`,
      );
  }
  return problems;
}

/** Nothing of a storage is left on its LUNs after a done operation removed it from the inventory. */
function leftOf(storage: Storage, evidence: Evidence): string[] {
  const latest = begunOn(storage, evidence).at(-1);
  if (latest?.state !== "done") return [];
  const { san, inventory, operations } = evidence;
  if (san.volumeGroups.some(({ name }) => name === storage.uuid))
    return [`${storage.name} is reported as deleted, and its volume group is still on the array`];
  const others = inventory.primaryStorages.flatMap(({ sharedBlocks }) => sharedBlocks.map(({ wwid }) => wwid));
  return storage.sharedBlocks.flatMap(({ wwid }) => {
    const isLabelled = san.luns.find((lun) => lun.wwid === wwid)?.content.physicalVolume != null;
    const isUsedAgain = others.includes(wwid) || operations.some(({ words }) => words.startsWith(`lun rescue ${wwid}`));
    return isLabelled && !isUsedAgain
      ? [`${storage.name} is reported as deleted, and LVM's label is still on ${wwid}`]
      : [];
  });
}

/** Whether an operation is about this host. A command that names a cluster is about that cluster's hosts only. */
function isAboutAny(words: string, hostName: string, { inventory }: Evidence): boolean {
  const named = inventory.clusters.filter(({ name }) => words.split(" ").includes(name));
  const host = inventory.hosts.find(({ name }) => name === hostName);
  return named.length === 0 || named.some(({ uuid }) => uuid === host?.clusterUuid);
}

/** The operation's end in the channel. */
const endOf = (id: string, { messages }: Evidence): string =>
  messages
    .filter((message) => END.exec(titleOf(message))?.[2] === id)
    .map(textIn)
    .join("\n");

const isIn = (name: string, groupUuid: string, { san }: Evidence): boolean =>
  san.hosts
    .find((host) => host.name === name)
    ?.lockspaces.some((each) => each.volumeGroupUuid === groupUuid && each.joined) === true;
