import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** `src/core/command.ts`, `plan.ts`: a name without a folder is in the folder before it. */
function pathsIn(text: string): string[] {
  let folder = "";
  return [...text.matchAll(/`([^`\s]+)`/g)].flatMap(([, code = ""]) => {
    if (/[<*]/.test(code) || !/(\/|\.m?ts)$/.test(code)) return [];
    if (/^(src|commands|test|scripts)\//.test(code)) folder = code.slice(0, code.lastIndexOf("/") + 1);
    else if (code.endsWith("/")) return [folder + code];
    return [code.startsWith(folder) ? code : folder + code];
  });
}

it("ARCHITECTURE.md names only files and folders that exist", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && line.includes("`src/"));
  const paths = rows.flatMap(pathsIn);
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
