import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Inventory, inventorySchema } from "../../src/core/inventory.ts";
import { type SanHost, type SanState, sanStateSchema } from "../../src/simulator/san/san-state.ts";
import type { Story } from "../scenario/story.ts";
import { bare, entriesIn } from "./killed.ts";

/** Everything that an operation may leave, without what differs in each story: ports, times, random names. */
export interface Whole {
  readonly inventory: Inventory;
  readonly san: Pick<SanState, "hosts" | "luns" | "volumeGroups">;
  /** The commands by which the latest operation changed hosts. */
  readonly steps: readonly (readonly string[])[];
}

export async function wholeOf(story: Story): Promise<Whole> {
  const { inventory } = story.bot.world;
  const comparable = (value: unknown): unknown => JSON.parse(withoutChance(JSON.stringify(value), inventory.current()));
  const { hosts, luns, volumeGroups } = sanStateSchema.parse(await jsonIn(story.directory, "simulated-san.json"));
  const san = { version: 1, hosts: hosts.map(orderly), luns, volumeGroups };
  const entries = await entriesIn(story.directory);
  const latest = entries.findLast(({ operationId }) => operationId !== null)?.operationId;
  const steps = entries.flatMap(({ operationId, event }) =>
    operationId === latest && event.kind === "began" && event.effect !== "read" ? [bare(event.argv)] : [],
  );
  return {
    inventory: inventorySchema.parse(comparable(inventory.current())),
    san: sanStateSchema.parse(comparable(san)),
    steps,
  };
}

const jsonIn = async (directory: string, file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(directory, file), "utf8"));

/**
 * New objects have their own UUID in each story. LVM makes other UUIDs, and hosts have their own keys. All have the
 * time when they were added.
 */
function withoutChance(text: string, { zones, clusters, hosts, primaryStorages }: Inventory): string {
  const lvmUuids = new Set(text.match(/\b\w{6}(?:-\w{4}){5}-\w{6}\b/g));
  const names = [
    ...[...zones, ...clusters, ...hosts, ...primaryStorages].map(
      ({ uuid }, at) => [uuid, String(at).repeat(32)] as const,
    ),
    ...[...lvmUuids].map((uuid, at) => [uuid, `LVM-${at}`] as const),
    ...hosts.map(({ hostKeySha256 }) => [hostKeySha256, "SHA256:key"] as const),
    ...hosts.map(({ port }) => [`"port":${port}`, '"port":22'] as const),
  ];
  return names
    .reduce((rest, [chance, name]) => rest.replaceAll(chance, name), text)
    .replace(/(zs::sharedblock::init::\w+)::[\d.]+::/g, "$1::0::")
    .replace(/"addedAt":"[^"]*"/g, '"addedAt":"2026-01-01T00:00:00.000Z"');
}

/**
 * The order of a list has no meaning. A backup of a file or of a LUN has the time in its name. One backup too many
 * does no harm.
 */
function orderly(host: SanHost): SanHost {
  const by = <T>(name: (each: T) => string, all: readonly T[]): T[] =>
    all.toSorted((left, right) => name(left).localeCompare(name(right)));
  return {
    ...host,
    port: null,
    files: by(
      ({ path }) => path,
      host.files.filter(({ path }) => !isKept(path)),
    ),
    directories: by(
      (path) => path,
      host.directories.filter((path) => !isKept(path)),
    ),
    units: by(({ name }) => name, host.units),
  };
}

/** Saved by the bot, or by mpathconf, which saves the settings that it replaces. */
const isKept = (path: string): boolean => /zstack-chatops.*-\d{14}(\/|$)|^\/etc\/multipath\.conf\.old$/.test(path);
