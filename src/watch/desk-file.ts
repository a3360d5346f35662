import { z } from "zod";
import { type Incident, incidentSchema, severitySchema } from "../core/incident.ts";
import { timeSchema } from "../core/inventory.ts";
import { eventCount } from "./thread-events.ts";

/** Where an incident is posted, and what was posted already: nothing is posted twice, also after a restart. */
export const postSchema = z.object({
  incidentId: z.string(),
  place: z.string(),
  /** null until the place took it. */
  messageId: z.string().nullable(),
  /** When its posting began, so that a message is found if Slack's answer was lost. */
  since: timeSchema,
  /** Whether the place may have taken it: its posting began, and the bot stopped before the answer. */
  mayBeThere: z.boolean(),
  /** How many of the incident's events are in the thread. */
  toldEvents: z.int().min(0),
  lastPostAt: timeSchema.nullable(),
  /** Whether the message shows the incident as it is now. */
  isCurrent: z.boolean(),
  /** What people read of it who read only the channel. */
  toldInChannel: z.object({ severity: severitySchema, critical: z.int().min(0) }).optional(),
  /**
   * A post in the thread that the place has not taken yet: the incident's events up to this count. `inChannelToo`: the
   * channel shows it. `whom`: the people whom it calls.
   */
  threadPost: z
    .object({
      ...{ upTo: z.int().min(0), since: timeSchema, mayBeThere: z.boolean() },
      ...{ inChannelToo: z.boolean().optional(), whom: z.array(z.string()).optional() },
    })
    .optional(),
});
export type IncidentPost = z.output<typeof postSchema>;

/** A person asked that a cluster is not watched for a while. */
export const pauseSchema = z.object({
  clusterUuid: z.string(),
  by: z.string(),
  until: timeSchema,
  reason: z.string(),
  posted: z.strictObject({ place: z.string(), messageId: z.string(), at: timeSchema }).optional(),
});

/** All that the watch keeps of incidents that are not long over. */
export const deskSchema = z.object({
  version: z.literal(1),
  nextNumber: z.int().positive(),
  incidents: z.array(incidentSchema),
  posts: z.array(postSchema),
  pauses: z.array(pauseSchema),
  /** The latest daily report: for which time it is, and whether its post began without an answer. */
  shiftReport: z.object({ at: timeSchema, mayBeThere: z.boolean() }).optional(),
});
export type Desk = z.output<typeof deskSchema>;

export const emptyDesk: Desk = { version: 1, nextNumber: 1, incidents: [], posts: [], pauses: [] };

/** Whether a person can't read all of this incident yet: its message or its thread is behind. */
export const isBehind = (incident: Incident, post: IncidentPost | undefined): boolean =>
  post !== undefined && (post.messageId === null || post.toldEvents < eventCount(incident));

/**
 * The desk with these incidents. One that is long over stays until its end is in its message and its thread: Slack may be
 * away for longer than the incident can come back. `leaving`: those that the archive does not have yet.
 */
export function deskWith(latest: Desk, present: readonly Incident[], leaving: readonly Incident[] = []): Desk {
  const ids = new Set(present.map(({ id }) => id));
  const incidents = [...present, ...leaving.filter(({ id }) => !ids.has(id))];
  for (const { id } of leaving) ids.add(id);
  const postOf = new Map(latest.posts.map((post) => [post.incidentId, post]));
  const late = latest.incidents.filter(
    (each) => each.state === "resolved" && !ids.has(each.id) && isBehind(each, postOf.get(each.id)),
  );
  for (const { id } of late) ids.add(id);
  return {
    ...latest,
    incidents: [...incidents, ...late],
    posts: latest.posts.filter(({ incidentId }) => ids.has(incidentId)),
  };
}
