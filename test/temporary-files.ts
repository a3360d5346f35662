import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildTestPrograms } from "./programs.ts";

/** One folder for all that the tests of a run write. It is removed at the end of the run, also after a failure. */
export async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), "zstack-tests-"));
  process.env.TMPDIR = directory;
  await buildTestPrograms();
  return () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
