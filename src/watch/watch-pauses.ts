import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import { clusterNamed } from "../core/find.ts";
import { type Inline, linesPart, type Reply } from "../core/reply.ts";
import type { Acting } from "../core/watch-facts.ts";
import { watchOf } from "./incident-list.ts";

interface PauseAsked {
  readonly cluster: string;
  readonly for: number;
  readonly reason: string;
}

/** What is found in a paused cluster is no incident until the pause ends. */
export async function pauseWatch(asked: PauseAsked, facts: Facts, acting: Acting): Promise<Reply> {
  const { notes, by } = acting;
  const cluster = clusterNamed(facts.inventory, asked.cluster);
  const until = new Date(facts.now() + asked.for).toISOString();
  const pause = { clusterUuid: cluster.uuid, by, until, reason: asked.reason };
  await notes.pause(pause);
  acting.oncePosted((posted) => notes.pausePosted(pause, posted));
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

/** More findings are counted. */
const MOST_LISTED = 5;

function listed(found: readonly string[]): Inline[][] {
  const more = found.length - MOST_LISTED;
  return [...found.slice(0, MOST_LISTED), ...(more > 0 ? [`${more} more`] : [])].map((text) => [text]);
}

export async function resumeWatch(
  asked: { readonly cluster: string },
  facts: Facts,
  { notes, by }: Acting,
): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, asked.cluster);
  const watch = watchOf(facts);
  const isPaused = watch
    .pauses()
    .some(({ clusterUuid, until }) => clusterUuid === cluster.uuid && Date.parse(until) > facts.now());
  const covered = isPaused ? watch.covered().filter(({ clusterUuid }) => clusterUuid === cluster.uuid) : [];
  if (isPaused) await notes.resume(cluster.uuid);
  const found = covered.flatMap(({ findings }) => findings);
  return {
    title: isPaused ? `The watch of ${cluster.name} continues` : `The watch of ${cluster.name} is not paused`,
    tone: "good",
    parts: [
      ...(isPaused ? [{ kind: "text", text: ["Resumed by ", { person: by }, "."] } as const] : []),
      ...(found.length === 0 ? [] : [linesPart("Found during the pause, and still there", listed(found))]),
    ],
    next: ["watch show"],
  };
}
