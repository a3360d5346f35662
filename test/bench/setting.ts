import { createHash } from "node:crypto";
import type { Config } from "../../src/config.ts";
import type { Conversations, InventoryStore, Log } from "../../src/flow/ports.ts";
import type { Hosts } from "./hosts-process.ts";

/** What every part of the bench runs the bot with. */
export const configFor = (
  dataDirectory: string,
  privateKeyFile: string,
  operators: readonly string[] = [],
): Config => ({
  slack: null,
  hosts: { kind: "ssh", privateKeyFile },
  dataDirectory,
  operators: [...operators],
  channels: [],
  watch: null,
  port: 0,
  logLevel: "error",
});

/** What goes wrong ends the bench. */
export const quiet: Log = {
  info: () => undefined,
  error: (message, error) => {
    throw new Error(message, { cause: error });
  },
};

const noPlace = () => {
  throw new Error("there is no channel here");
};
export const nowhere: Conversations = {
  at: noPlace,
  inThread: noPlace,
  withPerson: () => null,
  home: () => null,
};

/** Registers hosts as trusted, in clusters of these names. */
export async function register(
  inventory: InventoryStore,
  clusters: Readonly<Record<string, Hosts["hosts"]>>,
): Promise<void> {
  const zoneUuid = uuidOf("zone");
  await inventory.apply([
    { kind: "zone added", zone: { uuid: zoneUuid, name: "bench" } },
    ...Object.keys(clusters).map((name) => ({
      kind: "cluster added" as const,
      cluster: { uuid: uuidOf(name), name, zoneUuid },
    })),
    ...Object.entries(clusters).flatMap(([name, hosts]) =>
      hosts.map((host) => ({
        kind: "host added" as const,
        host: { ...host, uuid: uuidOf(host.name), clusterUuid: uuidOf(name), sanlockHostId: null },
      })),
    ),
  ]);
}

const uuidOf = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 32);
