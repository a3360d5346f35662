import { readFile } from "node:fs/promises";
import { z } from "zod";
import { run } from "./places.ts";

const stateSchema = z.strictObject({
  /** The process id of the supervisor, which runs guests, relays and arrays. */
  pid: z.int().positive(),
  startedAt: z.iso.datetime(),
  /** Logs in on every guest. */
  privateKeyFile: z.string(),
  /** `DATA_DIR` with an inventory of the guests. */
  dataDirectory: z.string(),
  guests: z.array(
    z.strictObject({
      name: z.string(),
      user: z.string(),
      /** The port of the relay before its sshd, on 127.0.0.1. */
      port: z.int(),
      hostKeySha256: z.string(),
    }),
  ),
});
/** A running lab, as its supervisor describes it to others. */
export type LabState = z.output<typeof stateSchema>;

/** null if no lab has started. */
export async function readState(): Promise<LabState | null> {
  const text = await readFile(run.state, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : stateSchema.parse(JSON.parse(text));
}
