import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { attachedHosts, storageNamed, zoneHosts } from "../../core/find.ts";
import type { Host } from "../../core/inventory.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";
import { observeVolumes, type Volume, type VolumesObservation } from "../observe/volumes.ts";
import { formatBytes } from "../size.ts";
import { problemsPart } from "./matrix.ts";

/**
 * A logical volume on one line: the hosts with its device, how often it is open there, and which hosts have its lock.
 */
export const volumeTable = (volumes: readonly Volume[], caption?: string): Part => ({
  kind: "table",
  compared: true,
  ...(caption === undefined ? {} : { caption }),
  columns: ["volume", "active on", "locked by", "size", "tags"],
  rows: volumes.map((volume) => [
    volume.name,
    hostsText(volume.activeOn, ({ openCount }) => (openCount === 0 ? "" : ` (open ${openCount} ×)`)) || "none",
    hostsText(volume.lockedBy, ({ mode }) => ` (${mode})`) || "none",
    formatBytes(volume.sizeBytes),
    volume.tags.join(", ") || "none",
  ]),
});

const hostsText = <T extends { readonly host: Host }>(all: readonly T[], stateOf: (each: T) => string): string =>
  sharedFacts(all, ({ host }) => host.name, stateOf)
    .map(({ fact, names }) => `${few(names)}${fact}`)
    .join(", ");

/**
 * Problems of volumes in use: a lock without a device, or a device without a lock. A host with problems may have more
 * than it reported.
 */
export function volumeWarnings(volumes: readonly Volume[], hosts: VolumesObservation["hosts"]): string[] {
  const unread = new Set(hosts.filter(({ problems }) => problems.length > 0).map(({ host }) => host));
  return volumes.flatMap(({ name, activeOn, lockedBy }) => {
    const active = new Set(activeOn.map(({ host }) => host));
    const locked = new Set(lockedBy.map(({ host }) => host));
    const unlocked = [...active].filter((host) => !locked.has(host) && !unread.has(host)).map((host) => host.name);
    const idle = [...locked].filter((host) => !active.has(host) && !unread.has(host)).map((host) => host.name);
    return [
      ...(unlocked.length === 0
        ? []
        : [`${name} is active on ${few(unlocked)} without a lock: another host may activate it too`]),
      ...(idle.length === 0
        ? []
        : [`${name} is locked by ${few(idle)}, where it is not active: no other host can activate it`]),
    ];
  });
}

export async function volumesReply({ name }: { readonly name: string }, facts: Facts): Promise<Reply> {
  const storage = storageNamed(facts.inventory, name);
  const asked = storage.clusterUuids.length > 0 ? attachedHosts : zoneHosts;
  const { seenBy, volumes, hosts } = await observeVolumes(storage.uuid, asked(facts.inventory, storage), facts);
  const problems = problemsPart(hosts);
  const warnings = volumeWarnings(volumes, hosts);
  return {
    title: seenBy.length === 0 ? `Volumes of ${name}` : `${counted(volumes.length, "volume")} on ${name}`,
    tone: seenBy.length === 0 || warnings.length > 0 || problems !== null ? "warning" : "plain",
    parts: [
      ...(volumes.length > 0 ? [volumeTable(volumes), totalOf(volumes)] : [noneText(seenBy.length > 0, storage.uuid)]),
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
