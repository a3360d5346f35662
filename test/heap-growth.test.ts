import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/**
 * Keeps 40 MB, and makes many times as much that becomes old before it is dropped, with a pause now and then. Prints the
 * largest heap in bytes.
 */
const script = (limit: string) => `
  import { limitHeapGrowth } from "./src/heap-growth.ts";
  ${limit}
  const piece = () => Array.from({ length: 10 }, (_, at) => ({ at, text: [at] }));
  globalThis.kept = Array.from({ length: 40_000 }, piece);
  const waiting = (globalThis.waiting = new Array(20_000));
  let most = 0;
  for (let at = 0; at < 300_000; at++) {
    waiting[at % waiting.length] = piece();
    if (at % 500 !== 0) continue;
    most = Math.max(most, process.memoryUsage().heapUsed);
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(most);
`;

async function largestHeap(limit: string): Promise<number> {
  const args = ["--import", "tsx", "--input-type=module", "-e", script(limit)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

it("the heap grows less before old objects are freed", async () => {
  const limited = await largestHeap("limitHeapGrowth();");
  expect(limited / (await largestHeap(""))).toBeLessThan(0.75);
});
