// @ts-check
/**
 * `npm pack` runs it before and after. `dist/` holds every package that it needs, so the packed package.json names none:
 * it installs without a registry, and what builds or tests is not installed.
 */
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildIfStale } from "./build.mjs";

const path = join(import.meta.dirname, "../package.json");
const kept = `${path}.kept`;

// Also what an interrupted run left.
if (existsSync(kept)) await rename(kept, path);
if (process.argv[2] === "before") {
  await buildIfStale();
  const { scripts, dependencies, devDependencies, ...packed } = JSON.parse(await readFile(path, "utf8"));
  await rename(path, kept);
  await writeFile(path, `${JSON.stringify(packed, null, 2)}\n`);
}
