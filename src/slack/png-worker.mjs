// @ts-check
// Draws one picture in a thread of its own: drawing takes a second on a busy computer, and clicks must not wait for it.
// Plain JavaScript: a worker of Node 20 runs no TypeScript.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** It is drawn larger, so that it is sharp when a person enlarges it. */
const ZOOM = 1.5;

/** In `dist/` the files are next to the program. */
const contentOf = (/** @type {string} */ name) => {
  const built = join(import.meta.dirname, name.slice(name.lastIndexOf("/") + 1));
  return readFile(existsSync(built) ? built : createRequire(import.meta.url).resolve(name));
};

await initWasm(await contentOf("@resvg/resvg-wasm/index_bg.wasm"));
const fontBuffers = await Promise.all(
  [400, 700].map((weight) => contentOf(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`)),
);
const picture = new Resvg(workerData, {
  fitTo: { mode: "zoom", value: ZOOM },
  font: { fontBuffers, defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
});
parentPort?.postMessage(picture.render().asPng());
