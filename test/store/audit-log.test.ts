import { appendFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type AuditFilter, entriesFound, operationsFound } from "../../src/core/audit-search.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import { type AuditEvent, runsIn } from "../../src/core/operation.ts";
import { longestLineBytes } from "../../src/store/audit-file.ts";
import { auditLine, noHash } from "../../src/store/audit-line.ts";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { LONGEST_MS, longestSlice } from "../longest-slice.ts";
import { sizeOf } from "../scenario/rows.ts";
import { asked, open } from "./open-audit-log.ts";
import { newDirectory } from "./samples.ts";

const anything: AuditFilter = {
  ...{ since: null, until: null, who: null, host: null, cluster: null, storage: null, wwid: null },
  ...{ operation: null, outcome: null, risk: null },
};

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
    expect(await log.verify()).toMatchObject({ kind: "whole", entries: 0, bytes: 0, lastHash: null });
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

  it("gives the entries after a number, the oldest first, a limited number of them, also after a restart", async () => {
    const log = await open(directory);
    const all = await Promise.all(Array.from({ length: 700 }, (_, i) => log.append("U1", null, asked(`words ${i}`))));
    const again = async () => {
      await log.close();
      return open(directory);
    };
    for (const opened of [async () => log, again]) {
      const each = await opened();
      expect(await each.after(0, 3)).toEqual(all.slice(0, 3));
      expect(await each.after(255, 2)).toEqual(all.slice(255, 257));
      expect(await each.after(256, 2)).toEqual(all.slice(256, 258));
      expect(await each.after(650, 100)).toEqual(all.slice(650));
      expect(await each.after(700, 100)).toEqual([]);
      expect(await each.after(0, 0)).toEqual([]);
    }
  });

  it("gives at most a few entries after a number if they are long, and never none", async () => {
    const log = await open(directory);
    for (let i = 0; i < 4; i++) await log.append("U1", null, asked("x".repeat(700_000)));
    expect((await log.after(0, 100)).map(({ id }) => id)).toEqual([1, 2]);
    expect((await log.after(2, 100)).map(({ id }) => id)).toEqual([3, 4]);
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
    // A kill leaves no signature of its last entry.
    await rm(join(directory, "audit-checkpoints.jsonl"));
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

  it("puts all aside if there is no complete line", async () => {
    await writeFile(path, "x".repeat(200_000));
    const log = await open(directory);
    expect(log.notice).toContain("200000 bytes");
    expect(await log.append("U1", null, asked("one"))).toMatchObject({ id: 1, previousHash: noHash });
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
      logOf(10_000, () => [null, asked("x".repeat(500))]),
    );
    const log = await open(directory);
    let appended = 0;
    const work = async () => {
      await log.tail(20);
      for (let i = 0; i < 20; i++) await log.append("U1", null, asked("more"));
      appended += 20;
    };
    expect(await leastBytesRead(work, 1_000_000)).toBeLessThan(1_000_000); // of 8 million
    expect((await log.tail(1))[0]?.id).toBe(10_000 + appended);
  });

  it.runIf(process.platform === "linux")("reads the last operations without the queries after them", async () => {
    const words = "sharedblock add cluster-1";
    await writeFile(
      path,
      logOf(10_000, (id) =>
        id < 100 ? [`op-${id}`, { kind: "planned", words, digest: "d" }] : [null, asked("x".repeat(500))],
      ),
    );
    const log = await open(directory);
    await log.append("U1", "op-100", { kind: "planned", words, digest: "d" });
    await log.append("U1", null, asked("audit list"));
    const find = () => operationsFound(log.operations(), anything, 20, emptyInventory);
    expect(await leastBytesRead(find, 200_000)).toBeLessThan(200_000); // of 8 million
    const search = await find();
    expect(search.found.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => `op-${100 - index}`));
    expect(search).toMatchObject({ read: 20, stoppedAt: null });
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
      logOf(sizeOf(8_000, 20_000), (id) => [id % 3 === 0 ? null : `op-${id % 7}`, began(id)]),
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
      () => operationsFound(log.operations(), nobody, 20, emptyInventory),
      () =>
        Promise.all(
          Array.from({ length: sizeOf(500, 2_000) }, () => log.append("U1", null, asked("lun list cluster-1"))),
        ),
    ];
    for (const work of works) expect(await longestSlice(work), work.toString()).toBeLessThan(LONGEST_MS);
  });
});

/** What is left of an earlier test file may read too. So work that read too much runs again, and the least counts. */
async function leastBytesRead(work: () => Promise<unknown>, most: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 10 && least >= most; run++) {
    const before = await bytesReadByThisProcess();
    await work();
    least = Math.min(least, (await bytesReadByThisProcess()) - before);
  }
  return least;
}

async function bytesReadByThisProcess(): Promise<number> {
  return Number((await readFile("/proc/self/io", "utf8")).match(/rchar: (\d+)/)?.[1]);
}
