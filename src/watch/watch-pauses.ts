import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import { clusterNamed } from "../core/find.ts";
import type { Reply } from "../core/reply.ts";
import type { Acting } from "../core/watch-facts.ts";
import { watchOf } from "./incident-list.ts";

interface PauseAsked {
  readonly cluster: string;
  readonly for: number;
  readonly reason: string;
}

/** What is found in a paused cluster is no incident until the pause ends. */
export async function pauseWatch(asked: PauseAsked, facts: Facts, { notes, by }: Acting): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, asked.cluster);
  const until = new Date(facts.now() + asked.for).toISOString();
  await notes.pause({ clusterUuid: cluster.uuid, by, until, reason: asked.reason });
  return {
    title: `The watch of ${cluster.name} is paused for ${durationText(asked.for)}`,
    tone: "warning",
    parts: [
      { kind: "text", text: ["Until ", { at: until }, ` nothing that begins in ${cluster.name} becomes an incident.`] },
      { kind: "text", text: ["Paused by ", { person: by }, `: ${asked.reason}`] },
    ],
    next: [`watch resume ${cluster.name}`, "watch show"],
  };
}

export async function resumeWatch(
  asked: { readonly cluster: string },
  facts: Facts,
  { notes, by }: Acting,
): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, asked.cluster);
  const isPaused = watchOf(facts)
    .pauses()
    .some(({ clusterUuid, until }) => clusterUuid === cluster.uuid && Date.parse(until) > facts.now());
  if (isPaused) await notes.resume(cluster.uuid);
  return {
    title: isPaused ? `The watch of ${cluster.name} continues` : `The watch of ${cluster.name} is not paused`,
    tone: "good",
    parts: isPaused ? [{ kind: "text", text: ["Resumed by ", { person: by }, "."] }] : [],
    next: ["watch show"],
  };
}
