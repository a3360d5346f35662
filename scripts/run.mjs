// @ts-check
/** For `npm start` and similar scripts: runs a program of `dist/`. Builds it first if a source is newer. */
import { pathToFileURL } from "node:url";
import { buildIfStale, program } from "./build.mjs";

try {
  // Else esbuild's own process would run as long as the bot.
  if (await buildIfStale()) await (await import("esbuild")).stop();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
await import(pathToFileURL(program).href);
