import { appendFile, copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { type AuditSieve, everything } from "../../src/core/audit-sieve.ts";
import type { AuditEntry, AuditEvent } from "../../src/core/operation.ts";
import type { OpenAuditLog } from "../../src/store/audit-log.ts";
import { verifyLogAt } from "../../src/store/audit-verify.ts";
import { asked, open } from "./open-audit-log.ts";
import { newDirectory } from "./samples.ts";

const CLOSED_AT = 10_000;
const DAY_MS = 86_400_000;

describe("a long audit log", () => {
  let directory: string;
  let path: string;
  const opened = (options: object = {}) => open(directory, 0, null, { closedAtBytes: CLOSED_AT, ...options });
  const closedFiles = async (folder = directory) =>
    (await readdir(folder)).filter((name) => /^audit-\d+\.jsonl/.test(name)).sort();
  beforeEach(async () => {
    directory = await newDirectory();
    path = join(directory, "audit.jsonl");
  });

  /** Entries of operations and queries, some at once. */
  async function fill(log: OpenAuditLog, count: number, from = 0): Promise<AuditEntry[]> {
    const all: AuditEntry[] = [];
    for (let done = 0; done < count; done += 10) {
      const some = Array.from({ length: Math.min(10, count - done) }, (_, index) => from + done + index);
      all.push(
        ...(await Promise.all(some.map((each) => log.append(`U${each % 3}`, operationOf(each), eventOf(each))))),
      );
    }
    return all;
  }
  const operationOf = (each: number): string | null => (each % 4 === 0 ? null : `op-${Math.floor(each / 4) + 1}`);
  function eventOf(each: number): AuditEvent {
    const operation = Math.floor(each / 4) + 1;
    const host = `host-${operation % 5}`;
    const words = `host rescan ${host}`;
    const events: readonly AuditEvent[] = [
      { kind: "asked", words },
      { kind: "planned", words, digest: "d", risk: operation % 10 === 0 ? "destructive" : "reversible" },
      { kind: "began", stepId: "step-1", host, effect: "change", argv: ["multipath", "-r", `36b0${operation % 7}`] },
      { kind: "ended", state: operation % 6 === 0 ? "failed" : "done", result: "over" },
    ];
    return events[each % 4] ?? asked("");
  }
  const listed = async (entries: AsyncIterable<AuditEntry>) => {
    const all: AuditEntry[] = [];
    for await (const entry of entries) all.push(entry);
    return all;
  };

  it("continues in a new file at a size, without breaking the chain, also after a restart", async () => {
    const log = await opened();
    const all = await fill(log, 200);
    const files = await closedFiles();
    expect(files.length).toBeGreaterThan(2);
    expect(files[0]).toBe("audit-000000001.jsonl");
    for (const name of [...files, "audit.jsonl"]) {
      const { size, mode } = await stat(join(directory, name));
      expect(size).toBeLessThan(CLOSED_AT + 10 * 700);
      expect(mode & 0o777).toBe(0o600);
    }
    expect(await log.verify()).toMatchObject({ kind: "whole", entries: 200, firstId: 1 });
    await log.close();
    const again = await opened();
    expect(again.notice).toBeNull();
    expect(again.head()).toEqual({ id: 200, hash: all.at(-1)?.hash });
    expect(again.position()).toBe(log.position());
    all.push(...(await fill(again, 60, 200)));
    expect(await again.verify()).toMatchObject({ kind: "whole", entries: 260 });
    expect(await again.tail(1000)).toEqual(all.toReversed());
    expect(await again.between(0, null)).toEqual(all);
    expect(await verifyLogAt(path, {})).toMatchObject({ kind: "whole", entries: 260, firstId: 1 });
    expect(await verifyLogAt(join(directory, files[1] ?? ""), {})).toMatchObject({ kind: "whole" });
  });

  it("has positions over all files", async () => {
    const log = await opened();
    const positions = [];
    const all = [];
    for (let each = 0; each < 100; each++) {
      positions.push(log.position());
      all.push(await log.append("U1", `op-${each % 7}`, asked(`words ${each}`)));
    }
    const restarted = async () => {
      await log.close();
      return opened();
    };
    for (const one of [async () => log, restarted]) {
      const each = await one();
      for (const [from, to] of [
        [0, 99],
        [3, 60],
        [40, 41],
        [98, 99],
      ] as const) {
        expect(await each.between(positions[from] ?? 0, positions[to] ?? 0)).toEqual(all.slice(from, to));
      }
      expect(await each.between(positions[20] ?? 0, null, "op-3")).toEqual(
        all.slice(20).filter(({ operationId }) => operationId === "op-3"),
      );
    }
  });

  it("gives the entries after a number over all files", async () => {
    const log = await opened();
    const all = await fill(log, 150);
    for (const from of [0, 1, 33, 34, 35, 36, 100, 149]) {
      expect(await log.after(from, 1000)).toEqual(all.slice(from));
      expect(await log.after(from, 2)).toEqual(all.slice(from, from + 2));
    }
    expect(await log.after(150, 10)).toEqual([]);
    expect(await log.after(151, 10)).toEqual([]);
  });

  const sieves: readonly (readonly [Partial<AuditSieve>, (entry: AuditEntry) => boolean])[] = [
    [{}, () => true],
    [{ people: ["u1"] }, ({ by }) => by === "U1"],
    [{ operation: "op-12" }, ({ operationId }) => operationId === "op-12"],
    [{ words: [["host-3"]] }, ({ event }) => JSON.stringify(event).includes("host-3")],
    [{ words: [["36b02", "36b03"]] }, ({ event }) => /36b0[23]/.test(JSON.stringify(event))],
    [
      { words: [["host-3"], ["36b02"]] },
      ({ event }) => /host-3/.test(JSON.stringify(event)) && /36b02/.test(JSON.stringify(event)),
    ],
    [{ outcome: "failed" }, ({ event }) => event.kind === "ended" && event.state === "failed"],
    [{ risk: "destructive" }, ({ event }) => event.kind === "planned" && event.risk === "destructive"],
  ];

  it("is searched through an index, which is made again if it is missing or damaged", async () => {
    const log = await opened();
    const all = await fill(log, 300);
    await log.settled();
    const index = join(directory, "audit-index");
    const expectAllFound = async (of: OpenAuditLog) => {
      for (const [sieve, matches] of sieves) {
        const found = await listed(of.backwards({ ...everything, ...sieve }));
        expect(found, JSON.stringify(sieve)).toEqual(all.filter(matches).reverse());
      }
    };
    await expectAllFound(log);
    const files = await readdir(index);
    expect(files.length).toBe((await closedFiles()).length);
    await rm(index, { recursive: true });
    await expectAllFound(log);
    expect(await readdir(index)).toEqual(files);
    for (const name of files) {
      const content = await readFile(join(index, name));
      content[content.length - 10] = (content[content.length - 10] ?? 0) ^ 0xff;
      await writeFile(join(index, name), content);
    }
    await expectAllFound(log);
    await log.close();
    await expectAllFound(await opened());
  });

  it("is searched by operation: conditions are met by any of its entries, in any file", async () => {
    const log = await opened();
    await fill(log, 300);
    const found = async (sieve: Partial<AuditSieve>) => {
      const ids: (string | null | undefined)[] = [];
      for await (const own of log.operations({ ...everything, ...sieve })) ids.push(own[0]?.operationId);
      return ids;
    };
    const all = Array.from({ length: 75 }, (_, index) => 75 - index);
    expect(await found({})).toEqual(all.map((each) => `op-${each}`));
    expect(await found({ words: [["host-3"], ["36b02"]], outcome: "failed" })).toEqual(
      all.filter((each) => each % 5 === 3 && each % 7 === 2 && each % 6 === 0).map((each) => `op-${each}`),
    );
    expect(await found({ risk: "destructive", words: [["36b03"]] })).toEqual(
      all.filter((each) => each % 10 === 0 && each % 7 === 3).map((each) => `op-${each}`),
    );
    expect(await found({ operation: "op-7" })).toEqual(["op-7"]);
    expect(await found({ since: Date.now() + DAY_MS })).toEqual([]);
  });

  it("is searched by operation: a list gets who approved, who rejected and who did without, in any file", async () => {
    const log = await opened();
    const digest = "d";
    const decided: readonly (readonly [by: string, event: AuditEvent])[] = [
      ["U7", { kind: "approved", digest }],
      ["U8", { kind: "rejected", digest, reason: "no" }],
      ["U9", { kind: "break-glass", digest, reason: "nobody answers" }],
    ];
    for (const [index, [by, event]] of decided.entries()) {
      const id = `op-${index + 1}`;
      await log.append("U1", id, { kind: "planned", words: "wipe", digest, risk: "destructive" });
      await log.append(by, id, event);
      await fill(log, 60, 40 + index * 60);
      await log.append("U1", id, { kind: "ended", state: "done", result: "over" });
    }
    const expectFound = async (of: OpenAuditLog) => {
      for (const [index, [by, event]] of decided.entries()) {
        const own: (readonly AuditEntry[])[] = [];
        for await (const each of of.operations({ ...everything, people: [by.toLowerCase()] })) own.push(each);
        expect(own.map((entries) => entries[0]?.operationId)).toEqual([`op-${index + 1}`]);
        expect(own[0]?.map((entry) => entry.event)).toContainEqual(event);
        for await (const each of of.operations({ ...everything, operation: `op-${index + 1}` })) own.push(each);
        expect(own[1]?.map((entry) => entry.event)).toContainEqual(event);
      }
    };
    await expectFound(log);
    expect((await closedFiles()).length).toBeGreaterThan(1);
    await log.close();
    await expectFound(await opened());
  });

  it("is archived after some days: packed, never deleted, and still read, searched and verified", async () => {
    const log = await opened({ archiveDays: 30 });
    const all = await fill(log, 200);
    const before = await closedFiles();
    const contents = await Promise.all(before.map((name) => readFile(join(directory, name))));
    log.archive(Date.now() + 29 * DAY_MS);
    await log.settled();
    expect(await closedFiles()).toEqual(before);
    log.archive(Date.now() + 31 * DAY_MS);
    await log.settled();
    expect(await closedFiles()).toEqual([]);
    const archive = join(directory, "archive");
    expect(await closedFiles(archive)).toEqual(before.map((name) => `${name}.gz`));
    for (const [index, name] of before.entries()) {
      expect(gunzipSync(await readFile(join(archive, `${name}.gz`)))).toEqual(contents[index]);
      expect((await stat(join(archive, `${name}.gz`))).mode & 0o777).toBe(0o600);
    }
    const expectComplete = async (of: OpenAuditLog) => {
      expect(await of.tail(1000)).toEqual(all.toReversed());
      expect(await of.between(0, null)).toEqual(all);
      expect(await of.after(20, 3)).toEqual(all.slice(20, 23));
      expect(await of.verify()).toMatchObject({ kind: "whole", entries: 200 });
    };
    await expectComplete(log);
    await log.close();
    await expectComplete(await opened());
    // A stop between the copy and the removal leaves both.
    await writeFile(join(directory, before[0] ?? ""), contents[0] ?? "");
    await expectComplete(await opened());
  });

  it("names the archived file that was changed: one byte is enough", async () => {
    const log = await opened({ archiveDays: 1 });
    await fill(log, 200);
    log.archive(Date.now() + 2 * DAY_MS);
    await log.settled();
    const [, second = ""] = await closedFiles(join(directory, "archive"));
    const file = join(directory, "archive", second);
    const content = await readFile(file);
    const firstId = Number(/\d+/.exec(second)?.[0]);
    // In the header, in the text, in its check sum, in its length.
    for (const at of [0, Math.floor(content.length / 2), content.length - 6, content.length - 1]) {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      await writeFile(file, changed);
      const broken = {
        kind: "broken",
        path: file,
        entry: firstId,
        problem: expect.stringContaining("can't be unpacked"),
      };
      expect(await verifyLogAt(path, {})).toMatchObject(broken);
      expect(await verifyLogAt(file, {})).toMatchObject({ ...broken, entry: 1 });
    }
    await writeFile(file, content);
    expect(await verifyLogAt(path, {})).toMatchObject({ kind: "whole", entries: 200 });
  });

  it("is verified in one packed file of the archive", async () => {
    const log = await opened({ archiveDays: 1 });
    await fill(log, 200);
    log.archive(Date.now() + 2 * DAY_MS);
    await log.settled();
    const [first = "", second = "", third = ""] = await closedFiles(join(directory, "archive"));
    const number = (name: string) => Number(/\d+/.exec(name)?.[0]);
    const verified = (name: string) => verifyLogAt(join(directory, "archive", name), {});
    expect(await verified(first)).toMatchObject({ kind: "whole", firstId: 1, entries: number(second) - 1 });
    expect(await verified(second)).toMatchObject({
      ...{ kind: "whole", firstId: number(second), entries: number(third) - 1 },
    });
  });

  it("may have its oldest files elsewhere, and says so at the start", async () => {
    const log = await opened({ archiveDays: 1 });
    const all = await fill(log, 200);
    log.archive(Date.now() + 2 * DAY_MS);
    await log.close();
    const [first = "", second = ""] = await closedFiles(join(directory, "archive"));
    await rm(join(directory, "archive", first));
    const again = await opened();
    const firstId = Number(/\d+/.exec(second)?.[0]);
    expect(again.notice).toContain(`the audit log begins with entry ${firstId}`);
    expect(again.position()).toBe(log.position());
    expect(await again.verify()).toMatchObject({ kind: "whole", entries: 200, firstId });
    expect(await again.tail(1000)).toEqual(all.slice(firstId - 1).reverse());
    expect(await verifyLogAt(path, {})).toMatchObject({ kind: "whole", firstId });
  });

  it("does not start if a closed file is missing, is shorter, or ends in another entry", async () => {
    const log = await opened();
    await fill(log, 200);
    await log.close();
    const [first = "", second = "", third = ""] = await closedFiles();
    const damaged = async (name: string, change: (file: string) => Promise<unknown>, problem: RegExp) => {
      const file = join(directory, name);
      const kept = join(directory, "kept");
      await copyFile(file, kept);
      await change(file);
      await expect(opened()).rejects.toThrow(problem);
      await rename(kept, file);
    };
    await damaged(second, (file) => rm(file), /can't be read: line 1: (it begins at byte|it ends with entry)/);
    await damaged(
      second,
      async (file) => writeFile(file, (await readFile(file)).subarray(0, -300)),
      /can't be read: line 1:/,
    );
    await damaged(
      third,
      async (file) => writeFile(file, `${await readFile(file, "utf8")}x\n`),
      /can't be read: line 1:/,
    );
    await damaged(
      first,
      async (file) =>
        writeFile(file, (await readFile(file, "utf8")).replace(/"hash":"....(.{60}"\}\n)$/, '"hash":"0000$1')),
      /can't be read: line 1: its last line: its hash is not that of its text/,
    );
    await opened();
  });

  it("a change in the middle of a closed file is found by a check of the complete log", async () => {
    const log = await opened();
    await fill(log, 200);
    await log.close();
    const [, second = ""] = await closedFiles();
    const file = join(directory, second);
    await writeFile(file, (await readFile(file, "utf8")).replace("host-3", "host-4"));
    const again = await opened();
    const verdict = await again.verify();
    expect(verdict).toMatchObject({ kind: "broken", path: file, problem: "its hash is not that of its text" });
    expect(await verifyLogAt(path, {})).toEqual(verdict);
  });

  it("text after the last entry of a closed file is found by a check of the complete log", async () => {
    const log = await opened({ archiveDays: 1 });
    await fill(log, 200);
    const added = '{"id":1,"at"';
    const [first = "", second = ""] = await closedFiles();
    const broken = { kind: "broken", problem: "text follows its last entry" };
    const expectFound = async (file: string, text: Buffer | string) => {
      const content = await readFile(file);
      await writeFile(file, Buffer.concat([content, Buffer.from(text)]));
      expect(await log.verify()).toMatchObject({ ...broken, path: file });
      expect(await verifyLogAt(path, {})).toMatchObject({ ...broken, path: file });
      expect(await verifyLogAt(file, {})).toMatchObject({ ...broken, path: file });
      await writeFile(file, content);
      expect(await verifyLogAt(file, {})).toMatchObject({ kind: "whole" });
      expect(await verifyLogAt(path, {})).toMatchObject({ kind: "whole", entries: 200 });
    };
    await expectFound(join(directory, first), added);
    await expectFound(join(directory, second), added);
    log.archive(Date.now() + 2 * DAY_MS);
    await log.close();
    const archived = join(directory, "archive", `${first}.gz`);
    const text = gunzipSync(await readFile(archived));
    for (const changed of [
      gzipSync(Buffer.concat([text, Buffer.from(added)])),
      Buffer.concat([gzipSync(text), gzipSync(added)]),
      Buffer.concat([gzipSync(text), Buffer.from(added)]),
    ]) {
      await writeFile(archived, changed);
      expect(await verifyLogAt(path, {})).toMatchObject({ kind: "broken", path: archived });
      expect(await verifyLogAt(archived, {})).toMatchObject({ kind: "broken", path: archived });
    }
    // Nothing is wrong with a half written line of the current file: a kill leaves one.
    await writeFile(archived, gzipSync(text));
    await appendFile(path, added);
    expect(await verifyLogAt(path, {})).toMatchObject({ kind: "whole", entries: 200 });
  });

  it("of an earlier version, in one long file, opens unchanged and is closed at the next entry", async () => {
    const old = await open(directory);
    const all = await fill(old, 200);
    await old.close();
    await rm(join(directory, "audit-checkpoints.jsonl"));
    await rm(join(directory, "audit-key.pem"));
    const content = await readFile(path);
    const log = await opened();
    expect(await readFile(path)).toEqual(content);
    all.push(...(await fill(log, 1, 200)));
    expect(await closedFiles()).toEqual(["audit-000000001.jsonl"]);
    expect(await readFile(join(directory, "audit-000000001.jsonl"))).toEqual(content);
    expect(await log.between(0, null)).toEqual(all);
  });

  it("is written on if a new file can't be made", async () => {
    const failures: string[] = [];
    await mkdir(join(directory, "audit-000000001.jsonl"));
    await rm(join(directory, "audit-000000001.jsonl"), { recursive: true });
    const log = await opened({ failed: (doing: string) => failures.push(doing) });
    // A folder with the name of the closed file, as nothing else would be in its way for root.
    await fill(log, 10);
    await mkdir(join(directory, "audit-000000001.jsonl", "in the way"), { recursive: true });
    const all = await fill(log, 90, 10);
    expect(failures).toContain("closing a long file of the audit log");
    expect(all.at(-1)?.id).toBe(100);
    expect(await log.verify()).toMatchObject({ kind: "whole", entries: 100 });
  });
});

describe("the signatures of the audit log", () => {
  let directory: string;
  let path: string;
  let checkpoints: string;
  beforeEach(async () => {
    directory = await newDirectory();
    path = join(directory, "audit.jsonl");
    checkpoints = join(directory, "audit-checkpoints.jsonl");
  });
  const lines = async () =>
    (await readFile(checkpoints, "utf8"))
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));

  it("are made with a key of the first start, every 1,000 entries and at each stop", async () => {
    const log = await open(directory);
    const all = await Promise.all(Array.from({ length: 2_500 }, (_, each) => log.append("U1", null, asked(`${each}`))));
    await log.close();
    expect((await lines()).map(({ id, hash }) => [id, hash])).toEqual(
      [1_000, 2_000, 2_500].map((id) => [id, all[id - 1]?.hash]),
    );
    expect((await stat(join(directory, "audit-key.pem"))).mode & 0o777).toBe(0o600);
    const again = await open(directory);
    expect(again.key.fingerprint).toBe(log.key.fingerprint);
    expect(again.key.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(await again.verify()).toMatchObject({
      ...{ kind: "whole", checkpoints: 3, signedTo: 2_500 },
      keys: [log.key.fingerprint],
    });
    await again.close();
    expect(await lines()).toHaveLength(3);
  });

  it("show that a log was rewritten with a valid chain, or cut off", async () => {
    const log = await open(directory);
    for (let each = 0; each < 5; each++) await log.append("U1", null, asked(`${each}`));
    await log.close();
    const other = await newDirectory();
    const forged = await open(other);
    for (let each = 0; each < 5; each++) await forged.append("U1", null, asked("nothing"));
    const content = await readFile(path, "utf8");
    await copyFile(join(other, "audit.jsonl"), path);
    await expect(open(directory)).rejects.toThrow(/line 5: entry 5 has the hash [0-9a-f]+, but [0-9a-f]+ was signed/);
    await writeFile(path, content.split("\n").slice(0, 3).join("\n").concat("\n"));
    await expect(open(directory)).rejects.toThrow(
      /line 4: it is missing: the log has 3 entries, but entry 5 was signed/,
    );
    expect(await verifyLogAt(path, {})).toMatchObject({ kind: "broken", line: 4 });
    await writeFile(path, content);
    await open(directory);
  });

  it("stop the start if one is wrong, and a half written line is no signature", async () => {
    const log = await open(directory);
    await log.append("U1", null, asked("one"));
    await log.close();
    const [one] = await lines();
    const text = await readFile(checkpoints, "utf8");
    await writeFile(checkpoints, `${JSON.stringify({ ...one, at: new Date(0).toISOString() })}\n`);
    await expect(open(directory)).rejects.toThrow(
      "the checkpoint of entry 1 in audit-checkpoints.jsonl has a wrong signature",
    );
    expect(await verifyLogAt(path, {})).toMatchObject({ kind: "broken", path: checkpoints });
    await writeFile(checkpoints, `${text}no checkpoint\n`);
    await expect(open(directory)).rejects.toThrow("line 2 of audit-checkpoints.jsonl is no checkpoint");
    await writeFile(checkpoints, `${text}{"id":2,"ha`);
    const again = await open(directory);
    await again.append("U1", null, asked("two"));
    await again.close();
    expect((await lines()).map(({ id }) => id)).toEqual([1, 2]);
  });

  it("continue with another key if the file of the key is lost, and both are named", async () => {
    const log = await open(directory);
    await log.append("U1", null, asked("one"));
    await log.close();
    await rm(join(directory, "audit-key.pem"));
    const again = await open(directory);
    await again.append("U1", null, asked("two"));
    await again.close();
    expect(await verifyLogAt(path, {})).toMatchObject({ keys: [log.key.fingerprint, again.key.fingerprint] });
    await writeFile(join(directory, "audit-key.pem"), "no key");
    await expect(open(directory)).rejects.toThrow("it is no Ed25519 key in PEM");
  });
});
