import { createRequire } from "node:module";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array | string;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** What the page is built with and of; `npm ci --omit=dev` leaves these out. */
const PARTS = ["vite", "react", "react-dom", "slack-blocks-to-jsx"];

/** Throws with what to type where the page can't be built; asked before its address is given away. */
export function assertPageCanBeBuilt(): void {
  const missing = PARTS.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  throw new Error(
    `the page of the local workspace can't be built: ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed. Fix: npm ci, without --omit=dev. With Slack's tokens no page is needed`,
  );
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch (error) {
    // One that can only be imported, and not required, is there.
    return !(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND");
  }
}

let built: Promise<ReadonlyMap<string, PageFile>> | null = null;

/** The page's files by URL path; `/` is the index. Built in memory at the first call and kept. */
export function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  built ??= buildPage();
  return built;
}

// Vite is loaded here and not at the top, so that a bot connected to Slack never loads it.
async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const before = process.env.NODE_ENV;
  try {
    const { build } = await import("vite");
    const output = await build({
      configFile: false,
      root: fileURLToPath(new URL("./page", import.meta.url)),
      // Below whatever path: the page's address begins with a key.
      base: "./",
      logLevel: "error",
      mode: "production",
      // Under a test runner Vite would go by NODE_ENV=test: React's slow build, and JSX to go with it.
      define: { "process.env.NODE_ENV": '"production"' },
      oxc: { jsx: { runtime: "automatic", development: false } },
      build: { write: false, target: "baseline-widely-available", reportCompressedSize: false },
    });
    return filesOf(output);
  } finally {
    // Vite sets NODE_ENV for the whole process, where other libraries would read it.
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

type Built = Awaited<ReturnType<typeof import("vite").build>>;

function filesOf(built: Built): ReadonlyMap<string, PageFile> {
  const outputs = Array.isArray(built) ? built : "output" in built ? [built] : [];
  const files = new Map<string, PageFile>();
  for (const file of outputs.flatMap(({ output }) => output)) {
    const path = file.fileName === "index.html" ? "/" : `/${file.fileName}`;
    const type = TYPES[posix.extname(file.fileName)] ?? "application/octet-stream";
    files.set(path, { type, body: file.type === "chunk" ? file.code : file.source });
  }
  if (!files.has("/")) throw new Error("building the page gave no index.html");
  return files;
}
