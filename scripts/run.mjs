// @ts-check
/** `npm start` and its like: runs a program of `dist/`, built first if a source is newer. */
import { pathToFileURL } from "node:url";
import { buildIfStale, program } from "./build.mjs";

try {
  // esbuild's own process would stay as long as the bot runs.
  if (await buildIfStale()) await (await import("esbuild")).stop();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
await import(pathToFileURL(program).href);
