import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { PageFiles } from "./server/static-page.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** The page's files that `npm run build` wrote, by URL path; `/` is the index. A later build does not change them. */
export async function builtPage(directory: string): Promise<PageFiles> {
  const files = (await readdir(directory)).map(async (name) => {
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    const body = await readFile(join(directory, name));
    return [name === "index.html" ? "/" : `/${name}`, { type, body }] as const;
  });
  return new Map(await Promise.all(files));
}
