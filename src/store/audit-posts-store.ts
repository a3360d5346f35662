import { join } from "node:path";
import { z } from "zod";
import { timeSchema } from "../core/inventory.ts";
import type { KeptPosts } from "../flow/audit-posts.ts";
import { type Closing, openJsonFile } from "./json-file.ts";

const postSchema = z.strictObject({ at: timeSchema, mayBeThere: z.boolean() });
const fileSchema = z.strictObject({
  version: z.literal(1),
  /** The last key that was posted. */
  key: postSchema.extend({ fingerprint: z.string().max(100) }).optional(),
  /** The last head of the log that was posted. */
  head: postSchema.optional(),
});

/** What was posted of the audit log, in `audit-posts.json`. */
export async function openAuditPosts(directory: string): Promise<Closing<KeptPosts>> {
  const file = await openJsonFile(join(directory, "audit-posts.json"), fileSchema, { version: 1 });
  return {
    read: () => file.read(),
    keep: (posts) => file.update((latest) => [{ ...latest, ...posts }, undefined]),
    close: () => file.close(),
  };
}
