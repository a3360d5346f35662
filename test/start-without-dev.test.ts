import { spawn } from "node:child_process";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { ended, newDirectory } from "./terminal/program.ts";

const root = join(import.meta.dirname, "..");
const ofPage = ["vite", "react", "react-dom", "slack-blocks-to-jsx"];

/** The program with the packages that `npm ci --omit=dev` leaves, as far as the page is concerned. */
async function installedWithoutDev(): Promise<string> {
  const folder = await newDirectory();
  for (const name of ["src", "commands", "package.json"])
    await cp(join(root, name), join(folder, name), { recursive: true });
  await mkdir(join(folder, "node_modules"));
  for (const name of await readdir(join(root, "node_modules"))) {
    if (!ofPage.includes(name)) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

it("npm ci --omit=dev && npm start says what the page lacks, and gives no address away", {
  timeout: 480_000,
}, async () => {
  const folder = await installedWithoutDev();
  const tsx = pathToFileURL(join(root, "node_modules/tsx/dist/loader.mjs")).href;
  const run = (...args: string[]) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", PORT: "0" };
    return ended(
      spawn(process.execPath, ["--import", tsx, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] }),
    );
  };
  expect(await run("src/main.ts")).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "The bot can't start: the page of the local workspace can't be built: vite, react, react-dom, slack-blocks-to-jsx are not installed. Fix: npm ci, without --omit=dev. With Slack's tokens no page is needed\n",
  });
  // What needs no page works.
  expect(await run("src/terminal/say.ts", "zone list")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("ZONE-1"),
  });
});
