import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);
/** Without what `npm run` says of itself: a person types these commands at a shell. */
const { PATH = "", HOME = "", npm_config_registry: registry } = process.env;
const env = { PATH, HOME, ...(registry === undefined ? {} : { npm_config_registry: registry }) };

const folders: string[] = [];
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "zstack-package-"));
  folders.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const notCloned = /^(?:node_modules|dist|\.git|\.env|data\/(?!README\.md$|inventory\.example\.json$).*)$/;

/** The project's files as a clone has them: nothing installed, built or stored. */
async function cloned(): Promise<string> {
  const folder = await newFolder();
  await cp(root, folder, { recursive: true, filter: (path) => !notCloned.test(relative(root, path)) });
  return folder;
}

/** The address that a started bot prints; `use` gets it, and the bot is stopped after it. */
async function withBot(
  folder: string,
  [program = "", ...args]: readonly string[],
  use: (url: string) => Promise<void>,
): Promise<void> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...env, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own group: npm and npx start it as their child.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let printed = "";
  const url = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        printed += chunk;
        const [, found] = /^Local workspace: (\S+)$/m.exec(printed) ?? [];
        if (found !== undefined) resolve(found);
      });
    }
    child.once("close", (code) => reject(new Error(`it ended with ${code}: ${printed}`)));
  });
  try {
    await use(await url);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  }
}

/** The page, and every file that it refers to. */
async function expectPage(url: string): Promise<void> {
  const page = await fetch(url);
  const text = await page.text();
  expect([page.status, text]).toEqual([200, expect.stringContaining("Local workspace")]);
  const files = [...text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name ?? "");
  expect(files.map((name) => name.split(".").at(-1)).toSorted()).toEqual(["css", "js"]);
  for (const name of files) {
    const file = await fetch(new URL(name, url));
    expect([file.status, (await file.text()).length > 1000]).toEqual([200, true]);
  }
}

describe("a clone after npm ci --omit=dev", () => {
  let clone: string;
  beforeAll(async () => {
    clone = await cloned();
    await run("npm", ["ci", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: clone, env });
  });

  it("starts the bot with its page, and takes a command in a terminal", async () => {
    expect(await readdir(join(clone, "node_modules"))).not.toContain("vitest");
    expect(await readdir(clone)).not.toContain("dist");
    await withBot(clone, ["npm", "start"], async (url) => {
      await expectPage(url);
      const { stdout } = await run("npm", ["run", "say", "--", "zone list"], { cwd: clone, env });
      expect(stdout).toContain("ZONE-1");
    });
  });

  it("builds again if a source changed, and only then", async () => {
    const program = join(clone, "dist/zstack-chatops.mjs");
    const say = () => run("npm", ["run", "say", "--", "zone list"], { cwd: clone, env });
    await say();
    const { mtimeMs } = await stat(program);
    await say();
    expect((await stat(program)).mtimeMs).toBe(mtimeMs);
    const source = join(clone, "commands/zone/list.ts");
    await writeFile(source, `${await readFile(source, "utf8")}\n// changed\n`);
    await say();
    expect((await stat(program)).mtimeMs).toBeGreaterThan(mtimeMs);
  });

  it("packs a package that runs in an empty folder without a registry, and needs no other package", async () => {
    const manifest = await readFile(join(clone, "package.json"), "utf8");
    const folder = await newFolder();
    await run("npm", ["pack", "--pack-destination", folder], { cwd: clone, env });
    expect(await readFile(join(clone, "package.json"), "utf8")).toBe(manifest);

    const [archive = ""] = await readdir(folder);
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, archive)], { cwd: folder, env });
    const packages = (await readdir(join(folder, "node_modules"))).filter((name) => !name.startsWith("."));
    expect(packages).toEqual(["zstack-chatops"]);

    const bin = join(folder, "node_modules/.bin/zstack-chatops");
    const installed = (...args: string[]) => run(bin, args, { cwd: folder, env });
    expect((await installed("--version")).stdout).toBe(`${JSON.parse(manifest).version}\n`);
    await withBot(folder, [bin, "start"], async (url) => {
      await expectPage(url);
      expect((await installed("say", "zone list")).stdout).toContain("ZONE-1");
    });
    expect((await installed("audit", "verify")).stdout).toContain("the chain is complete");
    expect((await installed("parse")).stdout).toContain("Usage: zstack-chatops parse 'COMMAND' < OUTPUT");
    await expect(installed("audit", "begin")).rejects.toMatchObject({
      stderr: expect.stringContaining('Usage: zstack-chatops audit begin "why'),
    });
  });
});
