import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Incident, incidentSchema } from "../core/incident.ts";
import { NotWritten } from "../core/not-written.ts";
import { replaceFile } from "../replace-file.ts";
import { type Desk, deskSchema, emptyDesk } from "../watch/desk-file.ts";
import { type Known, knownSchema } from "../watch/known.ts";
import { damaged, openJsonFile, parseFile } from "./json-file.ts";

/** What the watch keeps on disk. */
export interface WatchStore {
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
  const file = await openJsonFile(join(directory, "incidents.json"), deskSchema, emptyDesk);
  const archive = join(directory, "incidents");
  const knownFolder = join(directory, "known");
  await mkdir(archive, { recursive: true, mode: 0o700 });
  await mkdir(knownFolder, { recursive: true, mode: 0o700 });
  const known = await readKnown(knownFolder);
  const written = new Map([...known].map(([uuid, each]) => [uuid, { known: each, atMs: Date.now() }]));
  let writing: Promise<void> = Promise.resolve();
  return {
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
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw damaged(path, error instanceof Error ? error.message : String(error));
      });
      return text === null ? null : parseFile(path, text, incidentSchema);
    },
    async archivedIds() {
      const names = await readdir(archive);
      const numbers = names.flatMap((name) => Number(/^inc-(\d+)\.json$/.exec(name)?.[1] ?? Number.NaN));
      return numbers
        .filter((number) => !Number.isNaN(number))
        .sort((a, b) => b - a)
        .map((number) => `inc-${number}`);
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

/** A damaged file is left out: what the host has now is then taken for what it had. */
async function readKnown(folder: string): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (const name of await readdir(folder)) {
    const uuid = /^([0-9a-f]{32})\.json$/.exec(name)?.[1];
    if (uuid === undefined) continue;
    try {
      known.set(uuid, knownSchema.parse(JSON.parse(await readFile(join(folder, name), "utf8"))));
    } catch {
      // As described above.
    }
  }
  return known;
}
