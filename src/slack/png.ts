import { Worker } from "node:worker_threads";

/** A picture takes some hundred milliseconds. */
const LONGEST_MS = 30_000;

/** An SVG as a PNG. Its words are in DejaVu Sans, which comes with the bot: a server often has no fonts. */
export function pngOf(svg: string): Promise<Uint8Array> {
  const worker = new Worker(new URL("./png-worker.mjs", import.meta.url), { workerData: svg });
  return new Promise<Uint8Array>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no picture after ${LONGEST_MS / 1000} s`)), LONGEST_MS);
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the picture's thread ended with ${code}`)));
    worker.once("exit", () => clearTimeout(timer));
  }).finally(() => worker.terminate());
}
