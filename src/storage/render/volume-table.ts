import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { storageNamed, usingHosts } from "../../core/find.ts";
import type { Host } from "../../core/inventory.ts";
import { OBJECTS, runInSlices, runToEnd, SliceLimit, type Slices } from "../../core/parts.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";
import { observeVolumes, type Volume, type VolumesObservation } from "../observe/volumes.ts";
import { formatBytes } from "../size.ts";
import { problemsPart } from "./matrix.ts";

/**
 * A logical volume on one line: the hosts with its device, how often it is open there, and which hosts have its lock.
 */
export const volumeTable = (volumes: readonly Volume[], caption?: string): Part =>
  runToEnd(makingVolumeTable(volumes, caption));

/** In slices, because a storage may have 10,000 volumes. */
function* makingVolumeTable(volumes: readonly Volume[], caption?: string): Slices<Part> {
  const limit = new SliceLimit(OBJECTS);
  const rows: string[][] = [];
  for (const volume of volumes) {
    rows.push([
      volume.name,
      hostsText(volume.activeOn, ({ openCount }) => (openCount === 0 ? "" : ` (open ${openCount} ×)`)) || "none",
      hostsText(volume.lockedBy, ({ mode }) => ` (${mode})`) || "none",
      formatBytes(volume.sizeBytes),
      volume.tags.join(", ") || "none",
    ]);
    if (limit.isOver(volume.activeOn.length + volume.lockedBy.length)) yield;
  }
  return {
    kind: "table",
    compared: true,
    ...(caption === undefined ? {} : { caption }),
    columns: ["volume", "active on", "locked by", "size", "tags"],
    rows,
  };
}

const hostsText = <T extends { readonly host: Host }>(all: readonly T[], stateOf: (each: T) => string): string =>
  sharedFacts(all, ({ host }) => host.name, stateOf)
    .map(({ fact, names }) => `${few(names)}${fact}`)
    .join(", ");

/**
 * Problems of volumes in use: a lock without a device, or a device without a lock. A host with problems may have more
 * than it reported.
 */
export const volumeWarnings = (volumes: readonly Volume[], hosts: VolumesObservation["hosts"]): string[] =>
  runToEnd(makingVolumeWarnings(volumes, hosts));

function* makingVolumeWarnings(volumes: readonly Volume[], hosts: VolumesObservation["hosts"]): Slices<string[]> {
  const limit = new SliceLimit(OBJECTS);
  const unread = new Set(hosts.filter(({ problems }) => problems.length > 0).map(({ host }) => host));
  const warnings: string[] = [];
  for (const { name, activeOn, lockedBy } of volumes) {
    const active = new Set(activeOn.map(({ host }) => host));
    const locked = new Set(lockedBy.map(({ host }) => host));
    const unlocked = [...active].filter((host) => !locked.has(host) && !unread.has(host)).map((host) => host.name);
    const idle = [...locked].filter((host) => !active.has(host) && !unread.has(host)).map((host) => host.name);
    if (unlocked.length > 0) {
      warnings.push(`${name} is active on ${few(unlocked)} without a lock: another host may activate it too`);
    }
    if (idle.length > 0) {
      warnings.push(`${name} is locked by ${few(idle)}, where it is not active: no other host can activate it`);
    }
    if (limit.isOver(activeOn.length + lockedBy.length)) yield;
  }
  return warnings;
}

export async function volumesReply({ name }: { readonly name: string }, facts: Facts): Promise<Reply> {
  const storage = storageNamed(facts.inventory, name);
  const asked = usingHosts(facts.inventory, storage);
  const { seenBy, volumes, hosts } = await observeVolumes(storage.uuid, asked, facts);
  const problems = problemsPart(hosts);
  const warnings = await runInSlices(makingVolumeWarnings(volumes, hosts));
  const table = volumes.length === 0 ? null : await runInSlices(makingVolumeTable(volumes));
  return {
    title: seenBy.length === 0 ? `Volumes of ${name}` : `${counted(volumes.length, "volume")} on ${name}`,
    tone: seenBy.length === 0 || warnings.length > 0 || problems !== null ? "warning" : "plain",
    parts: [
      ...(table === null ? [noneText(seenBy.length > 0, storage.uuid)] : [table, totalOf(volumes)]),
      ...warnings.map((text): Part => ({ kind: "text", text: `• ${text}`, tone: "warning" })),
      ...(problems === null ? [] : [problems]),
    ],
    next: [`sharedblock show ${name}`],
  };
}

const totalOf = (volumes: readonly { readonly sizeBytes: number }[]): Part => ({
  kind: "text",
  text: `${formatBytes(volumes.reduce((sum, volume) => sum + volume.sizeBytes, 0))} in all.`,
});

/** "None" is shown only if a host has read the volume group. */
const noneText = (isSeen: boolean, volumeGroup: string): Part =>
  isSeen
    ? { kind: "text", text: "There is no volume on it." }
    : { kind: "text", text: `No host that could be read sees the volume group ${volumeGroup}.`, tone: "warning" };
