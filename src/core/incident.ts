import { z } from "zod";
import { scopes } from "./cause-scope.ts";
import { type FindingKind, findingKinds } from "./finding.ts";
import { timeSchema } from "./inventory.ts";

export const severitySchema = z.enum(["critical", "warning", "info"]);
const kinds = z.custom<FindingKind>((kind) => typeof kind === "string" && Object.hasOwn(findingKinds, kind));

/** Files of a newer version may say more: that is left out. */
export const keptFindingSchema = z.object({
  key: z.string(),
  kind: kinds,
  severity: severitySchema,
  clusterUuid: z.string(),
  hostUuid: z.string().nullable(),
  wwid: z.string().nullable(),
  storageUuid: z.string().nullable(),
  text: z.string(),
  pathsLeft: z.int().min(0).optional(),
  // Files of earlier versions have none: the title then says "some ports".
  ...{ adapter: z.string().optional(), port: z.string().optional() },
  ...{ badness: z.number().optional(), worseFrom: z.number().optional() },
  brokeAs: z.string().optional(),
  /** When it was first seen. */
  since: timeSchema,
});

const heldFindingSchema = z.object({
  key: z.string(),
  severity: severitySchema,
  /** From this badness on it is worse. Files of earlier versions have none, nor has what has no measure. */
  worseFrom: z.number().optional(),
  // From where it is read. Files of earlier versions don't say it.
  ...{ kind: kinds.optional(), hostUuid: z.string().nullable().optional() },
  storageUuid: z.string().nullable().optional(),
});
export type HeldFinding = z.output<typeof heldFindingSchema>;
/** Files of earlier versions have only the key: as if it could not be worse. */
const heldSchema = z.union([
  heldFindingSchema,
  z.string().transform((key): HeldFinding => ({ key, severity: "critical" })),
]);

const eventKinds = [
  ...(["began", "opened", "grew", "shrank", "worse", "better", "quiet", "back", "flapping", "resolved"] as const),
  ...(["acknowledged", "assigned", "silenced", "note", "mentioned", "escalated", "joined", "operation"] as const),
  // Another monitoring reports something about one of its hosts or LUNs.
  "alert",
  // A plan that touches what it is about ran without its second person.
  "break-glass",
] as const;

/** What happened to an incident, in the order of time: what a review reads. */
export const eventSchema = z.object({
  at: timeSchema,
  kind: z.enum(eventKinds),
  /** Who did it, a Slack user id or `terminal:NAME`; null: the bot observed it. */
  by: z.string().nullable(),
  text: z.string(),
  /** Of an alert: which one, and whether it fires. Of a break-glass: its operation. Others have none. */
  ref: z.string().optional(),
});

/** How bad an incident was when a person acknowledged or silenced it. */
const asThen = {
  severity: severitySchema.optional(),
  /** From which badness on each measured finding is worse than it was then, by its subject. */
  worseFrom: z.record(z.string(), z.number()).optional(),
  /** Since when one is worse. `isLasting`: for longer than its damping time. */
  worse: z.object({ since: timeSchema, isLasting: z.boolean() }).optional(),
};

/**
 * One cause, from its first finding until it is over.
 * pending: not reported yet, since it may pass. open: reported. quiet: nothing is found any more; it may come back.
 */
export const incidentSchema = z.object({
  /** `inc-7` */
  id: z.string(),
  scope: z.object({ kind: z.enum(scopes), id: z.string() }),
  clusterUuid: z.string(),
  severity: severitySchema,
  /** The worst it ever was. */
  worstSeverity: severitySchema,
  /** How severe it was when it was reported. Files of earlier versions have none. */
  openedSeverity: severitySchema.optional(),
  state: z.enum(["pending", "open", "quiet", "resolved"]),
  findings: z.array(keptFindingSchema),
  /** What follows from its findings and from those of another incident, which has it in `findings`. */
  sharedFindings: z.array(keptFindingSchema).optional(),
  /** The ids of these incidents, and of those that have their findings here. */
  sharesWith: z.array(z.string()).optional(),
  /** Subjects of all findings that it ever had: an incident that comes back is known by them. */
  everFound: z.array(z.string()),
  beganAt: timeSchema,
  openedAt: timeSchema.nullable(),
  quietAt: timeSchema.nullable(),
  resolvedAt: timeSchema.nullable(),
  /** When it came back; only as far back as it counts for flapping. */
  backAt: z.array(timeSchema),
  /** If it gets worse, people are called again. */
  acknowledged: z.object({ by: z.string(), at: timeSchema, ...asThen }).nullable(),
  assigned: z.string().nullable(),
  /** The silence ends if it gets worse. */
  silenced: z.strictObject({ by: z.string(), until: timeSchema, reason: z.string(), ...asThen }).nullable(),
  events: z.array(eventSchema),
  /** So many events in the middle are not kept any more. */
  omittedEvents: z.int().min(0).optional(),
  /**
   * What its title says, if that is not what is found now: all of it while it ends or shrinks, and after the end. Titles
   * that shrink with each observation would say less than what broke.
   */
  shownFindings: z.array(keptFindingSchema).optional(),
  /** Since when less is found than its title says, and how severe it was before. */
  shrinking: z.object({ since: timeSchema, severity: severitySchema }).optional(),
  /** So many more causes are left of the one that it had. */
  moreCauses: z.int().positive().optional(),
  /** When it was at its worst, in words, and how many findings it had then, and how many paths were left at least. */
  atWorst: z.object({ text: z.string(), findings: z.int(), paths: z.int().optional() }).optional(),
  /** It turned out to have the cause of this incident, which has all of it now. */
  partOf: z.string().optional(),
  /** Findings that a person resolved: they are left out until they were away once, or are worse than they were then. */
  held: z.array(heldSchema).optional(),
  /** It ended because its host or storage left the inventory, or its LUN is gone for good: nobody knows if it works. */
  unwatched: z.boolean().optional(),
  /** When it was there for certain. */
  lastSeenAt: timeSchema.optional(),
  /** The VMs at risk, by name, if libvirt answered. */
  vms: z.array(z.string()).optional(),
  /** There may be more: not every host was asked, or not every libvirt answered. */
  vmsAtLeast: z.boolean().optional(),
  /** Of an archived one: where its message is, if it was posted. */
  posted: z.object({ place: z.string(), messageId: z.string() }).optional(),
});

export type KeptFinding = z.output<typeof keptFindingSchema>;
export type Incident = z.output<typeof incidentSchema>;
export type IncidentEvent = z.output<typeof eventSchema>;

/** The id from any form that people write: `inc-7`, `INC-7` or `7`. */
export const incidentIdSchema = z
  .string()
  .regex(/^(?:inc-)?0*[1-9][0-9]{0,8}$/i, "is not an incident; see `incident list`")
  .transform((text) => `inc-${Number(text.replace(/^inc-/i, ""))}`);
