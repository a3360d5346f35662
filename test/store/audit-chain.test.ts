import { execFile } from "node:child_process";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/core/operation.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { bytesKnownTo } from "../../src/store/audit-chain.ts";
import { auditLine, noHash } from "../../src/store/audit-line.ts";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { openInventoryStore } from "../../src/store/inventory-store.ts";
import { openOperationStore } from "../../src/store/operation-store.ts";
import { argumentsOf, type Program } from "../programs.ts";
import { asked, open } from "./open-audit-log.ts";
import { newDirectory, planned, zoneAdded } from "./samples.ts";

describe("a damaged audit log", () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await newDirectory();
    path = join(directory, "audit.jsonl");
  });

  it.each([
    ["no JSON", "it does not end in a hash"],
    [`{"id":1,"hash":"${"0".repeat(64)}"}`, "its hash is not that of its text"],
    ["", "it does not end in a hash"],
  ])("does not start after the damaged line %j", async (line, problem) => {
    const log = await open(directory);
    await log.append("U1", null, asked("one"));
    await log.close();
    await appendFile(path, `${line}\n`);
    const before = await readFile(path);
    await expect(open(directory)).rejects.toThrow(`${path} can't be read: line 2: ${problem}`);
    expect(await readFile(path)).toEqual(before);
  });

  it("does not start if a line in its middle was changed or removed, and does not change it", async () => {
    const log = await open(directory);
    for (let i = 1; i <= 9; i++) await log.append("U1", null, asked(`words ${i}`));
    await log.close();
    const whole = await readFile(path, "utf8");
    const lines = whole.split("\n");
    for (const [changed, problem] of [
      [whole.replace("words 4", "words 5"), "line 4: its hash is not that of its text"],
      [lines.toSpliced(5, 1).join("\n"), "line 6: its id is 7"],
    ] as const) {
      await writeFile(path, changed);
      await expect(open(directory)).rejects.toThrow(problem);
      expect(await readFile(path, "utf8")).toBe(changed);
    }
    await writeFile(path, whole);
    expect((await open(directory)).notice).toBeNull();
  });

  it("does not start if it ends before what the operations know of it", async () => {
    const log = await open(directory);
    await log.append("U1", null, asked("one"));
    const auditFrom = log.position();
    await log.append("U1", "op-1", asked("two"));
    const operations = await openOperationStore(directory);
    await operations.create({ ...planned, auditFrom, auditTo: log.position() });
    await log.close();
    const whole = await readFile(path, "utf8");
    const known = bytesKnownTo(operations);
    expect(known).toBe(whole.length);
    // Cut at a line, cut within a line, emptied.
    for (const length of [auditFrom, whole.length - 5, 0]) {
      await writeFile(path, whole.slice(0, length));
      await expect(openAuditLog(directory, known)).rejects.toThrow(
        `can't be read: line ${length === 0 ? 1 : 2}: it is missing: the log ends at byte ${length === 0 ? 0 : auditFrom}, but operations.json knows ${known}`,
      );
      expect(await readFile(path, "utf8")).toBe(whole.slice(0, length));
    }
    await rm(path);
    await expect(openAuditLog(directory, known)).rejects.toThrow("can't be read: line 1: it is missing");
    await writeFile(path, whole);
    await (await openAuditLog(directory, known)).close();
  });

  it("refuses to read an entry that was changed while it is open, and says where it is", async () => {
    const log = await open(directory);
    for (let i = 1; i <= 9; i++) await log.append("U1", null, asked(`words ${i}`));
    await writeFile(path, (await readFile(path, "utf8")).replace("words 4", "words 5"));
    const at = Buffer.byteLength((await readFile(path, "utf8")).split("\n").slice(0, 3).join("\n")) + 1;
    for (const read of [() => log.tail(9), () => log.between(0, null)]) {
      await expect(read()).rejects.toThrow(`${path} can't be read: the line at byte ${at} was changed or damaged`);
      await expect(read()).rejects.toBeInstanceOf(Refusal);
    }
    expect(await log.tail(5)).toHaveLength(5);
  });
});

describe("verifying the chain", () => {
  const run = promisify(execFile);
  const verify = (path: string) => run(process.execPath, [...argumentsOf("audit verify"), path]);

  it("names the first line that was changed, taken out or put in another order", async () => {
    const directory = await newDirectory();
    const path = join(directory, "audit.jsonl");
    const log = await open(directory);
    for (let i = 1; i <= 9; i++) await log.append("U1", null, asked(`words ${i}`));
    const lines = (await readFile(path, "utf8")).split("\n");
    const write = (changed: string[]) => writeFile(path, changed.join("\n"));

    await write(lines.map((line) => line.replace("words 4", "words 5")));
    expect(await log.verify()).toEqual({
      kind: "broken",
      path,
      line: 4,
      entry: 4,
      problem: "its hash is not that of its text",
    });
    await write(lines.toSpliced(2, 1));
    expect(await log.verify()).toMatchObject({
      kind: "broken",
      line: 3,
      problem: expect.stringContaining("its id is 4"),
    });
    const [one = "", two = ""] = lines;
    await write([two, one, ...lines.slice(2)]);
    expect(await log.verify()).toMatchObject({ kind: "broken", line: 1 });
    // A rewritten entry with its own valid hash breaks the link of the next.
    const forged = { id: 3, at: "2026-01-02T03:04:05.000Z", by: "U9", operationId: null, event: asked("nothing") };
    const second = JSON.parse(two);
    await write(lines.with(2, auditLine({ ...forged, previousHash: second.hash }).line));
    expect(await log.verify()).toMatchObject({ line: 4, problem: "it does not continue the entry before it" });
    await write(lines);
    expect(await log.verify()).toMatchObject({ kind: "whole", entries: 9 });
  });

  it("is a program that ends with 1 at a bad line", async () => {
    const directory = await newDirectory();
    const path = join(directory, "audit.jsonl");
    const log = await open(directory);
    await log.append("U1", null, asked("one"));
    await log.append("U1", null, asked("two"));
    const operations = await openOperationStore(directory);
    await operations.create({ ...planned, auditTo: log.position() });
    expect((await verify(path)).stdout).toContain("2 entries, the chain is complete");
    await writeFile(path, (await readFile(path, "utf8")).replace("two", "too"));
    await expect(verify(path)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("line 2: ") });
    await writeFile(path, "");
    await expect(verify(path)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("it is missing") });
    await expect(verify(join(directory, "none"))).rejects.toMatchObject({ code: 1 });
  });
});

describe("what is known of the log from elsewhere", () => {
  const run = promisify(execFile);
  const npm = (program: Program, directory: string, ...args: string[]) =>
    run(process.execPath, [...argumentsOf(program), ...args], { env: { ...process.env, DATA_DIR: directory } });
  const verify = (directory: string, ...anchors: string[]) =>
    npm("audit verify", directory, ...anchors.flatMap((anchor) => ["--anchor", anchor]));
  const words = (entry: AuditEntry) => `${entry.id}:${entry.hash.slice(0, 16)}`;

  it("is an entry's number and hash, which a rewritten log does not have", async () => {
    const directory = await newDirectory();
    const log = await open(directory);
    expect(log.head().id).toBe(0);
    const one = await log.append("U1", null, asked("one"));
    const two = await log.append("U1", null, asked("two"));
    expect(log.head()).toEqual({ id: 2, hash: two.hash });
    expect((await verify(directory, words(one), `audit ${words(two)}`)).stdout).toContain("entry 2 matches");
    await expect(verify(directory, `3:${two.hash}`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`the log has 2 entries, but entry 3 was reported as ${two.hash}`),
    });
    await expect(verify(directory, "2:abc")).rejects.toMatchObject({ stderr: expect.stringContaining("N:HASH") });

    // A complete chain, made by a person with the file.
    const forged = auditLine({ ...one, event: asked("nothing"), previousHash: noHash });
    const follows = auditLine({ ...two, previousHash: forged.entry.hash });
    await writeFile(join(directory, "audit.jsonl"), `${forged.line}\n${follows.line}\n`);
    expect((await verify(directory)).stdout).toContain("2 entries, the chain is complete");
    await expect(verify(directory, words(two))).rejects.toMatchObject({
      stderr: expect.stringContaining(`line 2: entry 2 has the hash ${follows.entry.hash.slice(0, 16)}, but`),
    });
    await expect(verify(directory, words(one), words(two))).rejects.toMatchObject({
      stderr: expect.stringContaining("line 1: entry 1 has"),
    });
  });

  it("is an inventory: with one, the log is neither missing, empty nor shorter than at its last change", async () => {
    const directory = await newDirectory();
    const path = join(directory, "audit.jsonl");
    const log = await open(directory);
    const inventory = await openInventoryStore(directory, () => log.position());
    expect(inventory.auditKnown()).toBeNull();
    const first = await log.append("U1", null, asked("zone add"));
    await log.append("U1", null, asked("zone add"));
    await inventory.apply([zoneAdded(1)]);
    const whole = await readFile(path, "utf8");
    const known = (await openInventoryStore(directory)).auditKnown();
    expect(known).toEqual({ bytes: whole.length, says: `inventory.json knows ${whole.length}` });

    await writeFile(path, `${auditLine(first).line}\n`);
    await expect(openAuditLog(directory, 0, known)).rejects.toThrow(/line 2: it is missing: .* inventory.json knows/);
    await rm(path);
    await expect(openAuditLog(directory, 0, known)).rejects.toThrow("line 1: it is missing");
    await writeFile(path, whole);
    await (await openAuditLog(directory, 0, known)).close();
  });

  it("is an inventory even if it was written by hand, until a person says why a new log begins", async () => {
    const directory = await newDirectory();
    const inventory = await openInventoryStore(directory, () => 9);
    await inventory.apply([zoneAdded(1)]);
    const begins = (...reason: string[]) => npm("audit begin", directory, ...reason);
    await expect(begins()).rejects.toMatchObject({ stderr: expect.stringContaining("Usage") });
    await begins("its", "disk is lost");
    const log = await open(directory, 0, (await openInventoryStore(directory)).auditKnown());
    expect(await log.tail(9)).toMatchObject([{ id: 1, event: { kind: "begun", reason: "its disk is lost" } }]);
    await expect(begins("again")).rejects.toMatchObject({ stderr: expect.stringContaining("has 1 entry") });
  });
});
