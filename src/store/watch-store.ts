import { copyFile, mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Incident, incidentSchema } from "../core/incident.ts";
import { NotWritten } from "../core/not-written.ts";
import { replaceFile } from "../replace-file.ts";
import { type Desk, deskSchema, emptyDesk } from "../watch/desk-file.ts";
import { type Known, knownSchema } from "../watch/known.ts";
import { damaged, openJsonFile, parseFile } from "./json-file.ts";
import { type ReadDesk, readDesk, salvagedIncident } from "./salvaged-desk.ts";

/** What the watch keeps on disk. */
export interface WatchStore {
  /** What could not be read when it was opened, for people; null: all was read. */
  readonly notice: string | null;
  /** As it is on disk. */
  desk(): Desk;
  /** Resolves once the change is on disk. `change` runs at once. */
  update<R>(change: (latest: Desk) => readonly [next: Desk, result: R]): Promise<R>;
  /** An incident that is long over: it leaves the desk for a file of its own. */
  archive(incident: Incident): Promise<void>;
  /** null: there is none with this id. Throws a Refusal if its file is damaged. */
  archived(id: string): Promise<Incident | null>;
  /** The ids of archived incidents, the latest first. */
  archivedIds(): Promise<readonly string[]>;
  /** What each host had, by its UUID. */
  readonly known: ReadonlyMap<string, Known>;
  /** Written later, a host at a time: losing the latest costs a finding's beginning, no more. */
  keepKnown(hostUuid: string, known: Known): void;
  close(): Promise<void>;
}

/** A host's known paths are written at most this often, unless one appeared or vanished. */
const KEEP_EVERY_MS = 3_600_000;

/** `incidents.json`, `incidents/inc-7.json` and `known/HOST-UUID.json` in the data folder. */
export async function openWatchStore(directory: string): Promise<WatchStore> {
  const archive = join(directory, "incidents");
  const knownFolder = join(directory, "known");
  await mkdir(archive, { recursive: true, mode: 0o700 });
  await mkdir(knownFolder, { recursive: true, mode: 0o700 });
  const path = join(directory, "incidents.json");
  const last = (await numbersIn(archive))[0] ?? 0;
  const found = await readFile(path, "utf8").catch(nullIfMissing);
  const read = found === null ? null : readDesk(found, last);
  const lost = read?.problem ? await incidentsLost(path, read) : null;
  const file = await openJsonFile(path, deskSchema, { ...emptyDesk, nextNumber: last + 1 });
  const [known, knownLost] = await readKnown(knownFolder);
  const written = new Map([...known].map(([uuid, each]) => [uuid, { known: each, atMs: Date.now() }]));
  let writing: Promise<void> = Promise.resolve();
  return {
    notice: [lost, knownLost].filter((each) => each !== null).join(" ") || null,
    desk: () => file.read(),
    update: (change) => file.update(change),
    async archive(incident) {
      const path = join(archive, `${incident.id}.json`);
      await replaceFile(path, `${JSON.stringify(incident)}\n`).catch((error: unknown) => {
        throw new NotWritten(path, error);
      });
    },
    async archived(id) {
      if (!/^inc-\d{1,9}$/.test(id)) return null;
      const path = join(archive, `${id}.json`);
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw damaged(path, error instanceof Error ? error.message : String(error));
      });
      if (text === null) return null;
      return parsedOr(text, (value) => salvagedIncident(value)) ?? parseFile(path, text, incidentSchema);
    },
    async archivedIds() {
      return (await numbersIn(archive)).map((number) => `inc-${number}`);
    },
    known,
    keepKnown(hostUuid, latest) {
      const last = written.get(hostUuid);
      if (last !== undefined && hasSameShape(last.known, latest) && Date.now() - last.atMs < KEEP_EVERY_MS) return;
      written.set(hostUuid, { known: latest, atMs: Date.now() });
      // A full disk must not stop the watch: it tries again when the host changes next.
      writing = writing.then(() =>
        replaceFile(join(knownFolder, `${hostUuid}.json`), `${JSON.stringify(latest)}\n`).catch(
          () => void written.delete(hostUuid),
        ),
      );
    },
    async close() {
      await writing;
      await file.close();
    },
  };
}

/** What did not change is mostly the same object. */
const hasSameShape = (a: Known, b: Known): boolean =>
  (a.paths === b.paths && a.luns === b.luns && a.serves === b.serves) || shapeOf(a) === shapeOf(b);

/** What was there, without the times at which it was seen last. */
const shapeOf = ({ paths, luns, serves }: Known): string =>
  `${serves.join(" ")}\n${Object.keys(paths).sort().join("\n")}\n${Object.entries(luns)
    .map(([wwid, { sizeBytes, firstSeenMs, resized }]) => `${wwid} ${sizeBytes} ${firstSeenMs} ${resized?.atMs}`)
    .sort()
    .join("\n")}`;

/** Of archived incidents, the latest first. */
async function numbersIn(archive: string): Promise<number[]> {
  const names = await readdir(archive);
  const numbers = names.map((name) => Number(/^inc-(\d+)\.json$/.exec(name)?.[1] ?? Number.NaN));
  return numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => b - a);
}

/** What was understood takes the file's place, and the file stays under another name. Resolves to what people must know. */
async function incidentsLost(path: string, { desk, problem }: ReadDesk): Promise<string> {
  const kept = asideName(path);
  await copyFile(path, kept);
  await replaceFile(path, `${JSON.stringify(desk, null, 1)}\n`);
  const count = desk.incidents.length;
  return `${path} is not understood: ${problem}. It is kept as ${kept}. The bot continues with ${count === 0 ? "no incident" : count === 1 ? "1 incident" : `${count} incidents`} of it. What is still broken is reported again if it is not among them.`;
}

const asideName = (path: string): string => `${path}.damaged-${new Date().toISOString().replaceAll(":", "-")}`;

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

function parsedOr<T>(text: string, read: (value: unknown) => T | null): T | null {
  try {
    return read(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A damaged file is kept under another name. What the host has now is then taken for what it had. */
async function readKnown(folder: string): Promise<readonly [Map<string, Known>, notice: string | null]> {
  const known = new Map<string, Known>();
  const lost: string[] = [];
  for (const name of await readdir(folder)) {
    const uuid = /^([0-9a-f]{32})\.json$/.exec(name)?.[1];
    if (uuid === undefined) continue;
    const path = join(folder, name);
    const read = parsedOr(await readFile(path, "utf8"), (value) => knownSchema.safeParse(value).data ?? null);
    if (read !== null) known.set(uuid, read);
    else {
      await rename(path, asideName(path));
      lost.push(path);
    }
  }
  const more = lost.length > 1 ? ` and ${lost.length - 1} more` : "";
  const notice = `${lost[0]}${more} can't be read: what these hosts lost while the bot was stopped is not reported.`;
  return [known, lost.length === 0 ? null : notice];
}
