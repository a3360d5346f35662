import { rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import type { ForwardedPositions } from "../flow/ports.ts";
import { openJsonFile } from "./json-file.ts";

/** Of receivers that are not set any more, too: a setting may return. */
const MOST_RECEIVERS = 20;

const schema = z.array(
  z.strictObject({ receiver: z.string(), id: z.int().positive(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
);
type Kept = z.output<typeof schema>;

interface ForwardedStore extends ForwardedPositions {
  /** What could not be read when it was opened; null: all was read. */
  readonly notice: string | null;
  close(): Promise<void>;
}

/**
 * `forwarded.json` in the data folder. A damaged file is moved aside and counts as missing: all is sent again, and
 * nothing is lost.
 */
export async function openForwardedStore(directory: string): Promise<ForwardedStore> {
  const path = join(directory, "forwarded.json");
  const open = () => openJsonFile<Kept>(path, schema, []);
  let notice: string | null = null;
  const file = await open().catch(async (error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    await rename(path, `${path}.damaged`);
    notice = `${error.message}. It is kept as ${path}.damaged. All audit entries are sent again`;
    return open();
  });
  return {
    notice,
    of(receiver) {
      const kept = file.read().find((each) => each.receiver === receiver);
      return kept === undefined ? null : { id: kept.id, hash: kept.hash };
    },
    async keep(receiver, position) {
      await file.update((all) => {
        const others = all.filter((each) => each.receiver !== receiver);
        return [[{ receiver, ...position }, ...others].slice(0, MOST_RECEIVERS), null];
      });
    },
    close: () => file.close(),
  };
}
