import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { newWorkspace } from "../terminal/bot-in-slack.ts";
import { run } from "../terminal/program.ts";
import { TunnelProxy } from "./proxy.ts";

let workspace: LocalWorkspace;
let folder: string;
beforeAll(async () => {
  workspace = await newWorkspace();
  folder = await mkdtemp(join(tmpdir(), "zstack-validate-"));
  const table = { type: "table", rows: [[{ type: "raw_text", text: "x" }]] };
  await writeFile(join(folder, "good.json"), JSON.stringify({ message: { text: "x", blocks: [table] } }));
  await writeFile(join(folder, "two-tables.json"), JSON.stringify({ message: { text: "x", blocks: [table, table] } }));
});
afterAll(async () => {
  await workspace.stop();
  await rm(folder, { recursive: true });
});

const validate = (...args: string[]) => run("validate", args, { SLACK_API_URL: workspace.apiUrl });

it("slack:validate prints a line for each golden file. It ends with 0 if Slack accepts all that it can check", async () => {
  const { code, stdout, stderr } = await validate();
  const folders = ["golden", "../watch/golden"].map((folder) => readdir(join(import.meta.dirname, folder)));
  const files = (await Promise.all(folders)).flat().filter((name) => name.endsWith(".json"));
  expect(stderr).toBe("");
  const taken = stdout.match(/^ok {7}\S+\.json$/gm) ?? [];
  const notSent = stdout.match(/^not sent \S+\.json: it has the errors of a form's fields/gm) ?? [];
  expect(taken.length + notSent.length).toBe(files.length);
  expect(notSent.length).toBeGreaterThan(0);
  expect(code).toBe(0);
});

it("slack:validate names the refused file and the place in it, and ends with 1", async () => {
  const { code, stdout } = await validate(workspace.apiUrl, folder);
  expect(stdout).toContain("ok       good.json\n");
  expect(stdout).toContain("refused  two-tables.json: invalid_attachments; /blocks/1 only_one_table_allowed\n");
  expect(code).toBe(1);
});

it("slack:validate uses the proxy if one is named", async () => {
  const proxy = await TunnelProxy.start();
  const env = { SLACK_API_URL: workspace.apiUrl, HTTP_PROXY: proxy.url };
  const { stdout } = await run("validate", [workspace.apiUrl, folder], env);
  expect(stdout).toContain("ok       good.json\n");
  expect(proxy.tunnels.length).toBeGreaterThan(0);
  await proxy.stop();
});

it("slack:validate says that Slack does not answer, and ends with 2", async () => {
  const { code, stderr } = await validate("http://127.0.0.1:1/api/", folder);
  expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:1\/api\/blocks\.validate can't be asked: .*were not validated/);
  expect(code).toBe(2);
});
