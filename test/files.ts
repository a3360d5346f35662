import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
/** These have their own runs. */
const notOfSuite = /^test\/(?:lab|page|package|monitoring\/debian|forward\/rsyslog)\//;

export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** Every file below test/, by its path from the root. */
export const filesOfTests = (): string[] =>
  readdirSync(join(root, "test"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

/** The files that `npm test` runs. */
export const suite = (): string[] =>
  filesOfTests().filter((file) => file.endsWith(".test.ts") && !notOfSuite.test(file));

/** A file and all of ours that it imports, directly or not. */
export function withImports(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, target = ""] of textOf(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"\s]+)"/g)) {
    const path = join(dirname(file), target);
    if (/\.tsx?$/.test(path) && existsSync(join(root, path))) withImports(path, found);
  }
  return found;
}

const hasProcesses = ["test/scenario/story.ts", "test/scenario/target.ts", "test/programs.ts"];

/** A scenario goes through the whole bot, and other tests start a program. Both take seconds. */
export function isSlow(file: string): boolean {
  const imported = withImports(file);
  return file.startsWith("test/scenario/") || hasProcesses.some((each) => imported.has(each));
}
