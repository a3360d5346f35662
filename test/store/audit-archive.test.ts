import { existsSync } from "node:fs";
import { type FileHandle, open as openFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { asked, open } from "./open-audit-log.ts";
import { newDirectory } from "./samples.ts";

const [NAME, PACKED] = ["audit-000000001.jsonl", "audit-000000001.jsonl.gz"];
let directory: string;
/** What is flushed in the data folder, and which names the folder has then. */
let flushed: { readonly path: string; readonly names: readonly string[] }[];

beforeEach(async () => {
  directory = await newDirectory();
  flushed = [];
  const handle = await openFile(directory);
  const files: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const sync = files.sync;
  vi.spyOn(files, "sync").mockImplementation(async function (this: FileHandle) {
    const path = await readlink(`/proc/self/fd/${this.fd}`);
    if (path.startsWith(directory)) flushed.push({ path, names: await readdir(directory, { recursive: true }) });
    return sync.call(this);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

it("An archived file is removed from the data folder after the name of its packed copy is on disk", async () => {
  const log = await open(directory, 0, null, { closedAtBytes: 500, archiveDays: 1 });
  await log.append("U1", null, asked("x".repeat(600)));
  await log.append("U1", null, asked("the current file"));
  await log.settled();
  expect(existsSync(join(directory, NAME))).toBe(true);
  flushed = [];
  log.archive(Date.now() + 2 * 86_400_000);
  await log.settled();
  const archive = join(directory, "archive");
  const folders = flushed.filter(({ path }) => path === directory || path === archive);
  expect(
    folders.map(({ path, names }) => [path, names.includes(NAME), names.includes(join("archive", PACKED))]),
  ).toEqual([
    [directory, true, false],
    [archive, true, true],
    [directory, false, true],
  ]);
});
