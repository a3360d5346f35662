// @ts-check
/**
 * `npm pack` runs this before and after. `dist/` holds every package that it needs, so the packed package.json names none.
 * So it installs without a registry, and without the packages that build or test.
 */
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildIfStale } from "./build.mjs";

const path = join(import.meta.dirname, "../package.json");
const kept = `${path}.kept`;

// Also after an interrupted run.
if (existsSync(kept)) await rename(kept, path);
if (process.argv[2] === "before") {
  await buildIfStale();
  const { scripts, dependencies, devDependencies, ...packed } = JSON.parse(await readFile(path, "utf8"));
  await rename(path, kept);
  await writeFile(path, `${JSON.stringify(packed, null, 2)}\n`);
}
