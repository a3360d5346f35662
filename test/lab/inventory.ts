import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import type { Host } from "../../src/core/inventory.ts";
import { beginAuditLog } from "../../src/store/audit-begin.ts";
import { openInventoryStore } from "../../src/store/inventory-store.ts";
import { lockDirectory } from "../../src/store/lock.ts";
import type { LabState } from "./state.ts";

const zone = { uuid: uuidOf("zone"), name: "ZONE-1" };
const cluster = { uuid: uuidOf("cluster"), name: "cluster-1", zoneUuid: zone.uuid };

/** The guests as the bot registers hosts, with their keys trusted. */
export const hostsOf = ({ guests }: Pick<LabState, "guests">): Host[] =>
  guests.map((guest) => ({
    ...guest,
    uuid: uuidOf(guest.name),
    clusterUuid: cluster.uuid,
    address: "127.0.0.1",
    sanlockHostId: null,
  }));

/** Makes a fresh data folder for a bot on the lab. Refused while a bot runs in it. */
export async function writeInventory(state: Pick<LabState, "guests" | "dataDirectory">): Promise<void> {
  const { dataDirectory } = state;
  await refuseWhileBotRuns(state);
  await rm(dataDirectory, { recursive: true });
  await mkdir(dataDirectory, { mode: 0o700 });
  const store = await openInventoryStore(dataDirectory);
  await store.apply([
    { kind: "zone added", zone },
    { kind: "cluster added", cluster },
    ...hostsOf(state).map((host) => ({ kind: "host added" as const, host })),
  ]);
  await store.close();
  await beginAuditLog(dataDirectory, "terminal:lab", "the lab's guests are registered");
}

export async function refuseWhileBotRuns({ dataDirectory }: Pick<LabState, "dataDirectory">): Promise<void> {
  const lock = await lockDirectory(dataDirectory);
  if ("heldByPid" in lock) throw new Error(`a bot runs in ${dataDirectory}: stop it first (pid ${lock.heldByPid})`);
  await lock.release();
}

function uuidOf(name: string): string {
  return createHash("sha256").update(`lab ${name}`).digest("hex").slice(0, 32);
}
