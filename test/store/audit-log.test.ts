import { execFile } from "node:child_process";
import { appendFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AuditFilter, entriesFound, MOST_ENTRIES, operationsFound } from "../../src/core/audit-search.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import { type AuditEntry, type AuditEvent, runsIn } from "../../src/core/operation.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { bytesKnownTo } from "../../src/store/audit-chain.ts";
import { longestLineBytes } from "../../src/store/audit-file.ts";
import { auditLine, noHash } from "../../src/store/audit-line.ts";
import { type OpenAuditLog, openAuditLog } from "../../src/store/audit-log.ts";
import { openInventoryStore } from "../../src/store/inventory-store.ts";
import { openOperationStore } from "../../src/store/operation-store.ts";
import { LONGEST_MS, longestSlice } from "../longest-slice.ts";
import { argumentsOf, type Program } from "../programs.ts";
import { newDirectory, planned, zoneAdded } from "./samples.ts";

const opened: OpenAuditLog[] = [];
async function open(directory: string): Promise<OpenAuditLog> {
  const log = await openAuditLog(directory);
  opened.push(log);
  return log;
}
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
});

const anything: AuditFilter = { since: null, until: null, who: null, host: null, storage: null, operation: null };

/** The text of a whole log. */
function logOf(
  length: number,
  entryOf: (id: number) => readonly [operationId: string | null, event: AuditEvent],
): string {
  const lines: string[] = [];
  let previousHash = noHash;
  for (let id = 1; id <= length; id++) {
    const [operationId, event] = entryOf(id);
    const made = auditLine({ id, at: "2026-01-02T03:04:05.000Z", by: "U1", operationId, event, previousHash });
    lines.push(`${made.line}\n`);
    previousHash = made.entry.hash;
  }
  return lines.join("");
}

const asked = (words: string): AuditEvent => ({ kind: "asked", words });

describe("the audit log", () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await newDirectory();
    path = join(directory, "audit.jsonl");
  });

  it("is empty at first", async () => {
    const log = await open(directory);
    expect(log.notice).toBeNull();
    expect(log.position()).toBe(0);
    expect(await log.tail(10)).toEqual([]);
    expect(await log.between(0, null)).toEqual([]);
    expect(await log.verify()).toEqual({ kind: "whole", entries: 0, bytes: 0, lastHash: null });
  });

  it("keeps the order of entries appended at once, chained, and continues after a restart", async () => {
    const log = await open(directory);
    const entries = await Promise.all(
      Array.from({ length: 500 }, (_, i) => log.append("U1", null, asked(`words ${i}`))),
    );
    expect(entries.map((entry) => entry.id)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect(entries.map((entry) => entry.previousHash)).toEqual([
      noHash,
      ...entries.slice(0, -1).map((each) => each.hash),
    ]);
    await log.close();
    const again = await open(directory);
    expect(await again.tail(1)).toEqual(entries.slice(-1));
    const next = await again.append("U2", "op-1", asked("more"));
    expect(next).toMatchObject({ id: 501, previousHash: entries.at(-1)?.hash });
    expect(await again.verify()).toMatchObject({ kind: "whole", entries: 501, lastHash: next.hash });
  });

  it("has an entry on disk when append resolves", async () => {
    const log = await open(directory);
    const entry = await log.append("U1", "op-1", asked("host list"));
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(entry);
    expect(log.position()).toBe((await readFile(path)).length);
  });

  it("reads the entries between two positions, and the last ones first, over many blocks", async () => {
    const log = await open(directory);
    const all = [];
    const positions = [];
    // Lines from short to longer than a block, with characters of several bytes.
    for (let i = 0; i < 60; i++) {
      positions.push(log.position());
      all.push(await log.append("U1", null, asked("größe ✓ ".repeat(i * i * 4))));
    }
    expect(await log.tail(60)).toEqual(all.toReversed());
    expect(await log.tail(1000)).toEqual(all.toReversed());
    expect(await log.tail(3)).toEqual(all.slice(-3).reverse());
    expect(await log.between(positions[10] ?? 0, positions[50] ?? 0)).toEqual(all.slice(10, 50));
    expect(await log.between(positions[58] ?? 0, null)).toEqual(all.slice(58));
    expect(await log.between(0, positions[1] ?? 0)).toEqual(all.slice(0, 1));
  });

  it("has no position beyond what is on disk, so that what an operation keeps of it survives a crash", async () => {
    const log = await open(directory);
    const first = log.append("U1", "op-1", asked("one"));
    const second = log.append("U2", "op-2", asked("two"));
    expect(log.position()).toBe(0);
    await first;
    expect(log.position()).toBeLessThanOrEqual((await readFile(path)).length);
    expect(await log.between(0, log.position())).toContainEqual(await first);
    await second;
    expect(log.position()).toBe((await readFile(path)).length);
  });

  it("moves a partial last line aside and continues after the last complete one", async () => {
    const log = await open(directory);
    const first = await log.append("U1", null, asked("one"));
    await log.append("U1", null, asked("two"));
    await log.close();
    await truncate(path, log.position() - 20);
    const torn = (await readFile(path, "utf8")).split("\n")[1];
    const again = await open(directory);
    const aside = (await readdir(directory)).find((name) => name.startsWith("audit.torn-"));
    expect(again.notice).toContain(aside);
    expect(await readFile(join(directory, aside ?? ""), "utf8")).toBe(torn);
    expect(await again.append("U1", null, asked("three"))).toMatchObject({ id: 2, previousHash: first.hash });
    expect(await again.verify()).toMatchObject({ kind: "whole", entries: 2 });
    await again.close();
    expect((await open(directory)).notice).toBeNull();
  });

  it("puts all aside where there is no whole line", async () => {
    await writeFile(path, "x".repeat(200_000));
    const log = await open(directory);
    expect(log.notice).toContain("200000 bytes");
    expect(await log.append("U1", null, asked("one"))).toMatchObject({ id: 1, previousHash: noHash });
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

  it("does not start where a line in its middle was changed or taken out, and leaves it as it is", async () => {
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

  it("does not start where it ends before what the operations know of it", async () => {
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
    for (const read of [log.tail(9), log.between(0, null)]) {
      await expect(read).rejects.toThrow(`${path} can't be read: the line at byte ${at} was changed or damaged`);
      await expect(read).rejects.toBeInstanceOf(Refusal);
    }
    expect(await log.tail(5)).toHaveLength(5);
  });

  it("refuses an event that could not be read again", async () => {
    const log = await open(directory);
    const finished = { kind: "failed", exitCode: Number.NaN, stderr: "" } as const;
    await expect(
      log.append("U1", null, { kind: "finished", stepId: "1", host: "h", outcome: finished }),
    ).rejects.toThrow("event.outcome.exitCode");
    expect(await log.append("U1", null, asked("one"))).toMatchObject({ id: 1 });
  });

  it.runIf(process.platform === "linux")("reads a long log once at the start, and later only its end", async () => {
    await writeFile(
      path,
      logOf(30_000, () => [null, asked("x".repeat(500))]),
    );
    const log = await open(directory);
    const before = await bytesReadByThisProcess();
    await log.tail(20);
    for (let i = 0; i < 20; i++) await log.append("U1", null, asked("more"));
    expect((await bytesReadByThisProcess()) - before).toBeLessThan(1_000_000); // of 24 million
    expect((await log.tail(1))[0]?.id).toBe(30_020);
  });

  it.runIf(process.platform === "linux")("reads the last operations without the queries after them", async () => {
    const words = "sharedblock add cluster-1";
    await writeFile(
      path,
      logOf(30_000, (id) =>
        id < 100 ? [`op-${id}`, { kind: "planned", words, digest: "d" }] : [null, asked("x".repeat(500))],
      ),
    );
    const log = await open(directory);
    await log.append("U1", "op-100", { kind: "planned", words, digest: "d" });
    await log.append("U1", null, asked("audit list"));
    const before = await bytesReadByThisProcess();
    const search = await operationsFound(log.backwards("of operations"), anything, 20, emptyInventory);
    expect((await bytesReadByThisProcess()) - before).toBeLessThan(200_000); // of 24 million
    expect(search.found.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => `op-${100 - index}`));
    expect(search).toMatchObject({ read: 20, stoppedAt: null });
  });

  it("keeps the places of the latest operations in memory, and no more of them than a search reads", async () => {
    const most = MOST_ENTRIES + 1;
    await writeFile(
      path,
      logOf(most + 3, (id) => [`op-${id}`, asked("x")]),
    );
    const log = await open(directory);
    const search = await operationsFound(
      log.backwards("of operations"),
      { ...anything, who: "U9" },
      20,
      emptyInventory,
    );
    expect(search).toMatchObject({ found: [], read: MOST_ENTRIES, stoppedAt: expect.any(String) });
    const all: AuditEntry[] = [];
    for await (const entry of log.backwards("of operations")) all.push(entry);
    expect(all).toHaveLength(most);
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: most }, (_, index) => most + 3 - index));
  });

  it("takes no line that is longer than an entry, neither to write nor to read", async () => {
    const log = await open(directory);
    await expect(log.append("U1", null, asked("x".repeat(longestLineBytes)))).rejects.toThrow(
      "too long for the audit log",
    );
    await log.append("U1", null, asked("one"));
    await appendFile(path, "x".repeat(longestLineBytes + 200_000));
    await expect(openAuditLog(directory)).rejects.toThrow(
      /can't be read: line 2: the line at byte \d+ is longer than \d+ bytes/,
    );
  });

  it("is read, searched and verified in slices that leave others their turn, however long it is", async () => {
    const began = (id: number): AuditEvent => ({
      ...{ kind: "began", stepId: `step-${id}`, host: "host-1", effect: "change" },
      argv: ["lvcreate", "--name", "x".repeat(id % 900)],
    });
    await writeFile(
      path,
      logOf(20_000, (id) => [id % 3 === 0 ? null : `op-${id % 7}`, began(id)]),
    );
    const nobody = { ...anything, host: "host-9", storage: "ps-9" };
    const openOnce = async () => (await openAuditLog(directory)).close();
    const log = await open(directory);
    const works = [
      openOnce,
      () => log.verify(),
      () => log.between(0, null),
      async () => runsIn(await log.between(0, null)),
      () => entriesFound(log.backwards(), nobody, 20, emptyInventory),
      () => operationsFound(log.backwards("of operations"), nobody, 20, emptyInventory),
      () => Promise.all(Array.from({ length: 2_000 }, () => log.append("U1", null, asked("lun list cluster-1")))),
    ];
    for (const work of works) expect(await longestSlice(work, 2), work.toString()).toBeLessThan(LONGEST_MS);
  });
});

async function bytesReadByThisProcess(): Promise<number> {
  return Number((await readFile("/proc/self/io", "utf8")).match(/rchar: (\d+)/)?.[1]);
}

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
    expect(await log.verify()).toEqual({ kind: "broken", line: 4, problem: "its hash is not that of its text" });
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
    expect((await verify(path)).stdout).toContain("2 entries, the chain is whole");
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
    expect((await verify(directory)).stdout).toContain("2 entries, the chain is whole");
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
    const log = await openAuditLog(directory, 0, (await openInventoryStore(directory)).auditKnown());
    opened.push(log);
    expect(await log.tail(9)).toMatchObject([{ id: 1, event: { kind: "begun", reason: "its disk is lost" } }]);
    await expect(begins("again")).rejects.toMatchObject({ stderr: expect.stringContaining("has 1 entries") });
  });
});
