import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Freezes, freezesSchema } from "../core/freeze.ts";
import { NotWritten } from "../core/not-written.ts";
import { Refusal } from "../core/refusal.ts";
import type { FreezeStore } from "../flow/ports.ts";
import { replaceFile } from "../replace-file.ts";
import { type Closing, type JsonFile, openJsonFile } from "./json-file.ts";

const fileSchema = z.strictObject({ version: z.literal(1), ...freezesSchema.shape });
type Content = z.output<typeof fileSchema>;

const none: Content = { version: 1, freezes: [], schedules: [] };

/**
 * `freezes.json` in the data folder. A file that can't be read does not stop the bot: all clusters count as frozen until
 * a person writes it again. No change is possible until then, so it stays unchanged.
 */
export async function openFreezeStore(directory: string): Promise<Closing<FreezeStore>> {
  const path = join(directory, "freezes.json");
  const open = () => openJsonFile<Content>(path, fileSchema, none);
  const opened = await open().catch(whyNotRead);
  let file: JsonFile<Content> | null = typeof opened === "string" ? null : opened;
  const damaged = typeof opened === "string" ? opened : null;
  return {
    current() {
      if (file === null) return { freezes: [], schedules: [], damaged };
      const { freezes, schedules } = file.read();
      return { freezes, schedules, damaged: null };
    },
    async change(change: (latest: Freezes) => Freezes) {
      if (file === null) throw new Error("a damaged record of freezes is not changed");
      await file.update(({ version, ...latest }) => [fileSchema.parse({ version, ...change(latest) }), undefined]);
    },
    async beginAgain() {
      if (file !== null) {
        await file.update(() => [none, undefined]);
        return null;
      }
      const kept = `${path}.damaged-${new Date().toISOString().replaceAll(":", "-")}`;
      try {
        await copyFile(path, kept);
        await replaceFile(path, `${JSON.stringify(none, null, 1)}\n`);
        file = await open();
      } catch (error) {
        throw new NotWritten(path, error);
      }
      return kept;
    },
    close: async () => file?.close(),
  };
}

/** Any reason counts: nobody knows what is frozen. */
function whyNotRead(error: unknown): string {
  if (error instanceof Refusal) return error.error.reasons.join("; ").replace(/^it is/, "freezes.json is");
  return `freezes.json can't be read: ${error instanceof Error ? error.message : String(error)}`;
}
