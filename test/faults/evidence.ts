import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Anchor, anchorIn } from "../../src/core/audit-anchor.ts";
import { type Inventory, inventorySchema } from "../../src/core/inventory.ts";
import { type AuditEntry, type Operation, operationSchema } from "../../src/core/operation.ts";
import { type SanState, sanStateSchema } from "../../src/simulator/san/san-state.ts";
import { type LogFacts, verifyChain } from "../../src/store/audit-chain.ts";
import { parseAuditLine } from "../../src/store/audit-line.ts";
import { LogFile } from "../../src/store/audit-log-file.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import { textIn } from "../scenario/message-text.ts";
import { type Cast, operatorsOf } from "./cast.ts";
import { type KeptFiles, keptFiles } from "./kept-files.ts";
import type { WatchedIncident, WatchedStory } from "./oracle/alarms.ts";
import type { Event } from "./timeline.ts";
import type { World } from "./world.ts";

export interface LoggedEntry {
  readonly entry: AuditEntry;
  /** The position in bytes where its line ends. */
  readonly end: number;
}

/** Everything that the oracle reads. */
export interface Evidence {
  readonly events: readonly Event[];
  readonly audit: readonly LoggedEntry[];
  /** The length of the log when the story began. */
  readonly auditFrom: number;
  /** Errors of files: a broken chain, or a part that can't be read. */
  readonly damage: readonly string[];
  /** Whether the chain of hashes is broken. */
  readonly isBroken: boolean;
  readonly operations: readonly Operation[];
  readonly inventoryBefore: Inventory;
  readonly inventory: Inventory;
  readonly san: SanState;
  readonly sanBefore: SanState;
  readonly incidents: WatchedStory["incidents"];
  /** When the record of events began, in milliseconds since the epoch. */
  readonly beganMs: number;
  /** The messages of the channel. */
  readonly messages: readonly PageMessage[];
  /** The bot's direct messages to people. */
  readonly direct: readonly PageMessage[];
  /** What the bot wrote on its terminal. */
  readonly said: string;
  readonly operators: readonly string[];
  readonly cast: Cast;
  /** What the files of roles, policies, freezes, reviews and approvals had, and when. */
  readonly kept: KeptFiles;
}

/** What was there when the story began. */
export interface Before {
  readonly inventory: string;
  readonly roles: string;
  readonly auditFrom: number;
}

const findingSchema = z.looseObject({
  kind: z.string(),
  hostUuid: z.string().nullable(),
  wwid: z.string().nullable(),
  storageUuid: z.string().nullable(),
  text: z.string(),
  since: z.string(),
});
const incidentSchema = z.looseObject({
  id: z.string(),
  openedAt: z.string().nullable(),
  findings: z.array(findingSchema),
  shownFindings: z.array(findingSchema).optional(),
});
const postSchema = z.looseObject({ incidentId: z.string(), messageId: z.string().nullable() });
const incidentsSchema = z.looseObject({ incidents: z.array(incidentSchema), posts: z.array(postSchema) });
const archivedSchema = incidentSchema.extend({ posted: z.looseObject({}).optional() });
const operationsSchema = z.looseObject({ operations: z.array(operationSchema) });
const inventoryFileSchema = z.looseObject({ inventory: inventorySchema });

export async function evidenceOf(world: World, cast: Cast, before: Before): Promise<Evidence> {
  const damage: string[] = [];
  const parsed = <T>(name: string, text: string, schema: z.ZodType<T>, empty: T): T => {
    // Nothing was ever written into it.
    if (text === "") return empty;
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      damage.push(`${name} can't be read: ${error instanceof Error ? error.message : error}`);
      return empty;
    }
  };
  const emptyInventory = { zones: [], clusters: [], hosts: [], primaryStorages: [], lastSanlockHostId: 0 };
  const inventoryFile = (text: string) =>
    parsed("inventory.json", text, inventoryFileSchema, { inventory: emptyInventory }).inventory;
  const { operations } = parsed("operations.json", await world.file("operations.json"), operationsSchema, {
    operations: [],
  });
  const known = Math.max(0, ...operations.map((each) => Math.max(each.auditFrom, each.auditTo ?? 0)));
  const messages = world.workspace.messagesIn(world.channel);
  const broken = await brokenChain(join(world.data, "audit.jsonl"), {
    lengths: [{ bytes: known, says: `operations.json knows ${known}` }],
    anchors: anchorsIn(messages),
  });
  damage.push(...broken.damage);
  const san = parsed<SanState | null>(
    "the simulated SAN",
    await world.file("simulated-san.json"),
    sanStateSchema.nullable(),
    null,
  );
  const desk = parsed("incidents.json", await world.file("incidents.json"), incidentsSchema, {
    incidents: [],
    posts: [],
  });
  const archived = await archivedIncidents(world, (name, text) =>
    parsed<z.output<typeof archivedSchema> | null>(name, text, archivedSchema, null),
  );
  if (san === null) throw new Error("the simulated SAN was not saved");
  return {
    events: world.timeline.events,
    audit: broken.isBroken ? [] : entriesIn(await world.file("audit.jsonl")),
    isBroken: broken.isBroken,
    auditFrom: before.auditFrom,
    damage,
    operations,
    inventoryBefore: inventoryFile(before.inventory),
    inventory: inventoryFile(await world.file("inventory.json")),
    san,
    sanBefore: world.sanBefore,
    incidents: !world.isWatched
      ? null
      : [
          ...archived.map((incident) => watched(incident, incident.posted !== undefined)),
          ...desk.incidents.map((incident) =>
            watched(
              incident,
              desk.posts.some(({ incidentId, messageId }) => incidentId === incident.id && messageId !== null),
            ),
          ),
        ].flat(),
    beganMs: world.timeline.beganMs,
    messages,
    direct: world.directMessages(),
    said: world.said,
    operators: operatorsOf(cast),
    cast,
    kept: keptFiles(await world.witnessed(), (name) => (name === "roles.json" ? before.roles : "")),
  };
}

/** Those that are long over: if the bot's clock is ahead, all that ended before. */
async function archivedIncidents<T>(world: World, parsed: (name: string, text: string) => T | null): Promise<T[]> {
  const names = await readdir(join(world.data, "incidents")).catch(() => []);
  const read = names
    .filter((name) => name.endsWith(".json"))
    .map(async (name) => parsed(name, await world.file(join("incidents", name))));
  return (await Promise.all(read)).flatMap((incident) => incident ?? []);
}

const watched = (
  { id, openedAt, findings, shownFindings = [] }: z.output<typeof incidentSchema>,
  isPosted: boolean,
): WatchedIncident[] =>
  openedAt === null ? [] : [{ id, openedAt, isPosted, findings: [...findings, ...shownFindings] }];

async function brokenChain(path: string, known: LogFacts): Promise<Pick<Evidence, "damage" | "isBroken">> {
  const { size } = await stat(path);
  const file = new LogFile({ firstId: 1, from: 0, path, bytes: size, isPacked: false });
  const verdict = await verifyChain([file], known);
  if (verdict.kind === "broken")
    return { damage: [`the audit log is broken at line ${verdict.line}: ${verdict.problem}`], isBroken: true };
  // The bot has stopped, so nothing is being written.
  const torn = size - verdict.bytes;
  return { damage: torn === 0 ? [] : [`the audit log ends in ${torn} bytes that are no entry`], isBroken: false };
}

/** The positions in the log that ends in the channel name: `audit 1234:9f3ac0ffee12d00d`. */
const anchorsIn = (messages: readonly PageMessage[]): Anchor[] =>
  messages.flatMap((message) =>
    Array.from(textIn(message).matchAll(/\baudit ([0-9]+:[0-9a-f]{12,64})\b/g), ([, text = ""]) => anchorIn(text)),
  );

function entriesIn(text: string): LoggedEntry[] {
  let end = 0;
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      end += Buffer.byteLength(line) + 1;
      return { entry: parseAuditLine(line), end };
    });
}
