// @ts-check
// Plain JavaScript: a clone without development packages runs it, and Node 20 runs no TypeScript.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
export const program = join(dist, "zstack-chatops.mjs");
/** What `dist/` is made of. */
const sources = ["src", "commands", "scripts/build.mjs", "package.json", "node_modules/.package-lock.json"];

/**
 * The options for a program that runs in Node. All packages are in its one file.
 * @satisfies {import("esbuild").BuildOptions}
 */
export const forNode = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  // ssh2 uses native modules if they are there. Its JavaScript does the same work.
  external: ["cpu-features", "*.node"],
  // Packages in CommonJS use these names of Node.
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;',
  },
  logLevel: "warning",
};

/** Builds only if a source is newer than `dist/`, and says whether it did. */
export async function buildIfStale() {
  const digest = await digestOfSources();
  if ((await builtFrom()) === digest) return false;
  await build(digest);
  return true;
}

/** Writes `dist/`: the program, the page and the licences of what is in them. */
export async function build(digest = "") {
  const { bot, page, pictures, packages } = await bundle(digest || (await digestOfSources()));
  await mkdir(join(dist, "page"), { recursive: true });
  await replace(join(dist, "LICENSES.txt"), await licencesOf(packages));
  await replace(join(dist, "page/index.html"), await indexOfPage());
  for (const file of [...page, ...pictures]) await replace(file.path, file.contents);
  // The program is last, since its mark says that all of it is new.
  for (const file of bot) await replace(file.path, file.contents, 0o755);
}

/** What `dist/` would hold, and the folders of the packages in it. Writes nothing. */
export async function bundle(digest = "") {
  const { build: esbuild } = await import("esbuild").catch((error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error("dist/ can't be built: esbuild is not installed. Fix: npm ci");
  });
  const [forWorker, forBot, forPage] = await Promise.all([
    esbuild({
      ...forNode,
      entryPoints: [join(root, "src/slack/png-worker.mjs")],
      outfile: join(dist, "png-worker.mjs"),
      write: false,
      metafile: true,
    }),
    esbuild({
      ...forNode,
      entryPoints: ["src/cli.ts"],
      outfile: program,
      write: false,
      metafile: true,
      // The file names the digest of its sources, so that a reader of it knows whether it is stale.
      banner: { js: `#!/usr/bin/env node\n${MARK}${digest}\n${forNode.banner.js}` },
    }),
    esbuild({
      absWorkingDir: root,
      entryPoints: { page: "src/workspace/page/main.tsx", style: "src/workspace/page/styles/page.css" },
      outdir: join(dist, "page"),
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      format: "esm",
      jsx: "automatic",
      target: ["chrome111", "edge111", "firefox114", "safari16.4"],
      define: { "process.env.NODE_ENV": '"production"' },
      logLevel: "warning",
    }),
  ]);
  const inputs = [forWorker, forBot, forPage].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const packages = new Set(inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  packages.add("node_modules/@fontsource/dejavu-sans");
  const pictures = [...forWorker.outputFiles, ...(await Promise.all(ofPictures.map(fileBeside)))];
  return { bot: forBot.outputFiles, page: forPage.outputFiles, pictures, packages: [...packages].sort() };
}

/** What the worker that draws pictures reads: in `dist/` it is next to the worker. */
const ofPictures = [
  "@resvg/resvg-wasm/index_bg.wasm",
  ...[400, 700].map((weight) => `@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`),
];

const fileBeside = async (/** @type {string} */ name) => ({
  path: join(dist, name.slice(name.lastIndexOf("/") + 1)),
  contents: await readFile(join(root, "node_modules", name)),
});

const MARK = "// built from ";

/** The digest of the sources of the built program; null if there is none. */
async function builtFrom() {
  const file = await open(program).catch(() => null);
  if (file === null) return null;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0).finally(() => file.close());
  return buffer.toString("utf8", 0, bytesRead).split(MARK)[1]?.split("\n")[0] ?? null;
}

/** A digest of the names, sizes and times of all sources. It takes some milliseconds. */
async function digestOfSources() {
  const files = await Promise.all(
    sources.map(async (name) => {
      const path = join(root, name);
      if (!existsSync(path)) return [];
      if (!(await stat(path)).isDirectory()) return [path];
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const lines = await Promise.all(
    files.flat().map(async (path) => {
      const { mtimeMs, size } = await stat(path);
      return `${path} ${size} ${mtimeMs}`;
    }),
  );
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}

/** Two builds at a time do no harm: each file is replaced as a whole. */
async function replace(/** @type {string} */ path, /** @type {string | Uint8Array} */ content, mode = 0o644) {
  const own = `${path}.${process.pid}`;
  try {
    await writeFile(own, content);
    await chmod(own, mode);
    await rename(own, path);
  } finally {
    await rm(own, { force: true });
  }
}

async function indexOfPage() {
  const html = await readFile(join(root, "src/workspace/page/index.html"), "utf8");
  const built = html.replace('"./main.tsx"', '"./page.js"').replace('"./styles/page.css"', '"./style.css"');
  if (!built.includes("page.js") || !built.includes("style.css")) {
    throw new Error("src/workspace/page/index.html names neither ./main.tsx nor ./styles/page.css");
  }
  return built;
}

/** The licence of each package, as its authors wrote it. */
async function licencesOf(/** @type {string[]} */ packages) {
  const texts = packages.map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
    const files = (await readdir(join(root, folder))).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
    const read = files.map((file) => readFile(join(root, folder, file), "utf8"));
    return [`${name} ${version}: ${license ?? "see below"}`, ...(await Promise.all(read))].join("\n\n");
  });
  return `${(await Promise.all(texts)).join(`\n${"-".repeat(80)}\n`)}\n`;
}

if (process.argv[1] === import.meta.filename) await build();
