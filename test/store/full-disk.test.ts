import { execFileSync } from "node:child_process";
import { readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { NotWritten } from "../../src/core/not-written.ts";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { GroupCommit } from "../../src/store/group-commit.ts";
import { openJsonFile } from "../../src/store/json-file.ts";
import { type Disk, diskOf } from "./full-disk.ts";
import { newDirectory } from "./samples.ts";

const asked = (words: string) => ({ kind: "asked" as const, words });

describe("while the disk is full", () => {
  let directory: string;
  let disk: Disk;
  beforeEach(async () => {
    directory = await newDirectory();
    disk = await diskOf(directory);
  });
  afterEach(() => disk.restore());

  it("the audit log takes nothing, stays intact, and continues when there is space", async () => {
    const log = await openAuditLog(directory);
    const first = await log.append("U1", null, asked("one"));
    const position = log.position();
    disk.fills();
    const refused = await Promise.allSettled(["two", "three"].map((words) => log.append("U1", null, asked(words))));
    for (const each of refused) expect(each).toMatchObject({ status: "rejected", reason: expect.any(NotWritten) });
    expect(refused[0]).toMatchObject({
      reason: { path: join(directory, "audit.jsonl"), why: expect.stringContaining("ENOSPC") },
    });
    expect(log.position()).toBe(position);
    expect(log.head()).toEqual({ id: 1, hash: first.hash });
    expect((await stat(join(directory, "audit.jsonl"))).size).toBe(position);
    expect(await log.tail(5)).toEqual([first]);
    disk.hasRoom();
    const next = await log.append("U1", null, asked("four"));
    expect(next).toMatchObject({ id: 2, previousHash: first.hash });
    expect(await log.verify()).toMatchObject({ kind: "whole", entries: 2 });
    await log.close();
    const again = await openAuditLog(directory);
    expect(again.notice).toBeNull();
    await again.close();
  });

  it("a state file is unchanged, and takes the next change when there is space", async () => {
    const path = join(directory, "numbers.json");
    const file = await openJsonFile(path, z.array(z.int()), []);
    const put = (number: number) => file.update((numbers) => [[...numbers, number], undefined]);
    await put(1);
    disk.fills();
    await expect(put(2)).rejects.toThrow(`${path} could not be written: ENOSPC`);
    expect(file.read()).toEqual([1]);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual([1]);
    await expect(stat(`${path}.new`)).rejects.toThrow("ENOENT");
    disk.hasRoom();
    await put(3);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual([1, 3]);
  });
});

describe("after a write that failed", () => {
  /** A file in memory with calls that fail on request. After a crash it has what was flushed. */
  const fileThat = (fails: Record<string, number>) => {
    let bytes = Buffer.alloc(0);
    const failing = (call: string) => {
      fails[call] = (fails[call] ?? 0) - 1;
      if ((fails[call] ?? 0) >= 0) throw new Error(`EIO: ${call}`);
    };
    return {
      text: () => bytes.toString(),
      appendFile: async (data: unknown) => {
        const all = Buffer.from(String(data));
        const isShort = (fails.appendFile ?? 0) > 0;
        bytes = Buffer.concat([bytes, isShort ? all.subarray(0, 1) : all]);
        failing("appendFile");
      },
      datasync: async () => failing("datasync"),
      truncate: async (length?: number | null) => {
        failing("truncate");
        bytes = bytes.subarray(0, length ?? 0);
      },
      stat: async () => ({ size: bytes.length }),
    };
  };
  const commitTo = (file: ReturnType<typeof fileThat>) =>
    new GroupCommit<string, string>(file as never, "file", 0, (items) => ({
      bytes: Buffer.from(items.join("")),
      results: items,
      committed: () => undefined,
    }));

  it.each([
    ["a short write", { appendFile: 1 }],
    ["a failed flush", { datasync: 1 }],
    ["a cut that fails too", { appendFile: 1, truncate: 1 }],
    ["a flush of the cut that fails too", { appendFile: 1, datasync: 1 }],
  ])("nothing of it is left before the next one: %s", async (_, fails) => {
    const file = fileThat({ ...fails });
    const commit = commitTo(file);
    await expect(commit.append("lost")).rejects.toThrow(NotWritten);
    expect(commit.onDisk).toBe(0);
    for (let tries = 0; tries < 3; tries++) await commit.append("kept\n").catch(() => undefined);
    expect(file.text()).toMatch(/^(kept\n)+$/);
    expect(commit.onDisk).toBe(file.text().length);
  });

  it("the items that arrived in the same time are written", async () => {
    const commit = commitTo(fileThat({ appendFile: 1 }));
    const lost = commit.append("lost");
    await Promise.resolve();
    await Promise.resolve();
    const kept = commit.append("kept");
    await expect(lost).rejects.toThrow(NotWritten);
    expect(await kept).toBe("kept");
  });
});

/** Only root may make a small disk. */
const canMount = process.getuid?.() === 0 && process.platform === "linux";

const whyNot = "it mounts a small tmpfs, which only root on Linux may do: run it as root";
// Reporters keep the reason of a skipped test to themselves.
if (!canMount) console.warn(`on a real disk of 256 kB: skipped, since ${whyNot}`);

describe("on a real disk of 256 kB", () => {
  let directory: string;
  beforeEach(async ({ skip }) => {
    skip(!canMount, whyNot);
    directory = await newDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", directory]);
  });
  afterEach(() => {
    if (canMount) execFileSync("umount", ["--lazy", directory]);
  });
  const fillUpTo = async (left: number) => {
    const { bavail, bsize } = await statfs(directory);
    await writeFile(join(directory, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - left)));
  };

  it("a state file that is cut short by the disk never takes the place of a whole one", async () => {
    const path = join(directory, "texts.json");
    const file = await openJsonFile(path, z.array(z.string()), []);
    const put = (text: string) => file.update((texts) => [[...texts, text], undefined]);
    await put("first");
    await fillUpTo(16_384);
    await expect(put("x".repeat(40_000))).rejects.toThrow(NotWritten);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(["first"]);
    await rm(join(directory, "filler"));
    await put("second");
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(["first", "second"]);
  });

  it("the audit log continues after its last complete entry", async () => {
    const log = await openAuditLog(directory);
    await log.append("U1", null, asked("first"));
    await fillUpTo(8_192);
    await expect(log.append("U1", null, asked("x".repeat(40_000)))).rejects.toThrow(NotWritten);
    expect(await log.verify()).toMatchObject({ kind: "whole", entries: 1 });
    await rm(join(directory, "filler"));
    await log.append("U1", null, asked("second"));
    expect(await log.verify()).toMatchObject({ kind: "whole", entries: 2 });
    await log.close();
  });
});
