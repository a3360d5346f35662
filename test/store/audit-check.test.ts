import { appendFile, chmod, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { auditCheck } from "../../src/store/audit-check.ts";
import { diskOf } from "./full-disk.ts";
import { newDirectory } from "./samples.ts";

async function folder() {
  const directory = await newDirectory();
  const path = join(directory, "audit.jsonl");
  await writeFile(path, "{}\n");
  const { ino } = await stat(path);
  return { directory, path, check: auditCheck(directory, () => ino) };
}

describe("whether the audit log can be written", () => {
  it("is checked without an entry, and nothing is left behind", async () => {
    const { directory, path, check } = await folder();
    expect(await check()).toBeNull();
    expect(await check()).toBeNull();
    expect(await readFile(path, "utf8")).toBe("{}\n");
    expect(await readdir(directory)).toEqual(["audit.jsonl"]);
  });

  it("is no if the disk is full, and yes once it has space", async () => {
    const { directory, check } = await folder();
    const disk = await diskOf(directory);
    try {
      disk.fills();
      expect(await check()).toMatch(/audit\.jsonl can't be written: ENOSPC/);
      disk.hasRoom();
      expect(await check()).toBeNull();
      expect(await readdir(directory)).toEqual(["audit.jsonl"]);
    } finally {
      disk.restore();
    }
  });

  it("is no if the file is gone or was replaced", async () => {
    const { path, check } = await folder();
    await rename(path, `${path}.old`);
    expect(await check()).toMatch(/audit\.jsonl can't be written: ENOENT/);
    await writeFile(path, "");
    expect(await check()).toMatch(/audit\.jsonl was replaced while the bot runs/);
    await rm(path);
    await rename(`${path}.old`, path);
    await appendFile(path, "{}\n");
    expect(await check()).toBeNull();
  });

  it.runIf(process.getuid?.() !== 0)("is no if its mode forbids it", async () => {
    const { path, check } = await folder();
    await chmod(path, 0o400);
    expect(await check()).toMatch(/EACCES/);
  });
});
