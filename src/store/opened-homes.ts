import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../replace-file.ts";

/** A person who opened the Home, and when. */
interface OpenedHome {
  readonly person: string;
  /** ISO 8601. */
  readonly openedAt: string;
}
export interface OpenedHomes {
  /** As the last run of the bot left them. */
  readonly before: readonly OpenedHome[];
  /** Written later. Losing the latest costs that a Home is not brought up to date after a restart, no more. */
  keep(all: readonly OpenedHome[]): void;
  close(): Promise<void>;
}

const schema = z.array(z.object({ person: z.string(), openedAt: z.iso.datetime() }));

/** `homes.json` in the data folder. A damaged file counts as empty: each person opens the Home again some time. */
export async function openOpenedHomes(directory: string, failed: (error: unknown) => void): Promise<OpenedHomes> {
  const path = join(directory, "homes.json");
  const before = await readFile(path, "utf8")
    .then((text) => schema.parse(JSON.parse(text)))
    .catch(() => []);
  let latest: readonly OpenedHome[] | null = null;
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const all = latest;
    latest = null;
    if (all !== null) await replaceFile(path, `${JSON.stringify(all)}\n`).catch(failed);
  };
  return {
    before,
    keep(all) {
      latest = all;
      writing = writing.then(write);
    },
    close: () => writing,
  };
}
