import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { run } from "./places.ts";

const first = 64 * 1024 ** 2;

/** A digest of the first 64 MiB of a LUN, read at the array and not through a host. */
export async function firstBytes(lun: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(run.lun(lun), { end: first - 1 })) hash.update(chunk);
  return hash.digest("hex");
}
