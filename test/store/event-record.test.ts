import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openEventRecord } from "../../src/store/event-record.ts";
import { LONGEST_MS, longestSlice } from "../longest-slice.ts";
import { diskOf } from "./full-disk.ts";
import { newDirectory } from "./samples.ts";

const day = 24 * 3_600_000;
const path = (directory: string) => join(directory, "seen-gestures.jsonl");

describe("the record of handled events", () => {
  it("takes each once, also of two that come in the same tick, also after a restart", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory);
    expect(await Promise.all([record.take("click 1"), record.take("click 1"), record.take("click 2")])).toEqual([
      "new",
      "again",
      "new",
    ]);
    await record.close();
    const next = await openEventRecord(directory);
    expect(next.since).toBe(record.since);
    expect(await next.take("click 2")).toBe("again");
    expect(await next.take("click 3")).toBe("new");
    await next.close();
    expect((await stat(path(directory))).mode & 0o777).toBe(0o600);
  });

  it("has an event on disk before it says that it is new", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory);
    await record.take("command 1");
    expect(await readFile(path(directory), "utf8")).toContain('"command 1"\n');
    await record.close();
  });

  it("knows one after five thousand others", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory);
    await record.take("mention C1 1.000001");
    await Promise.all(Array.from({ length: 5_000 }, (_, number) => record.take(`command ${number}`)));
    expect(await record.take("mention C1 1.000001")).toBe("again");
    await record.close();
    const next = await openEventRecord(directory);
    expect(await next.take("mention C1 1.000001")).toBe("again");
    expect(await next.take("command 4999")).toBe("again");
    await next.close();
  });

  it("keeps two generations: an event is known for at least one, and what is forgotten is older than `since`", async () => {
    const directory = await newDirectory();
    let now = Date.parse("2026-01-01T00:00:00Z");
    const generation = { ageMs: day, events: 1_000 };
    const opened = () => openEventRecord(directory, () => now, generation);
    let record = await opened();
    await record.take("a");
    now += day;
    await record.take("b");
    expect(record.since).toBe(Date.parse("2026-01-01T00:00:00Z"));
    expect(await record.take("a")).toBe("again");
    now += day;
    await record.take("c");
    expect(record.since).toBe(Date.parse("2026-01-02T00:00:00Z"));
    expect(await record.take("b")).toBe("again");
    await record.close();
    record = await opened();
    expect(record.since).toBe(Date.parse("2026-01-02T00:00:00Z"));
    expect(await record.take("b")).toBe("again");
    expect(await record.take("c")).toBe("again");
    expect(await record.take("a")).toBe("new");
    await record.close();
  });

  it("ends a generation by its length too, so that its size is bounded", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory, Date.now, { ageMs: day, events: 10 });
    for (let number = 0; number < 100; number++) expect(await record.take(`click ${number}`)).toBe("new");
    expect(await record.take("click 99")).toBe("again");
    expect(await record.take("click 91")).toBe("again");
    await record.close();
    const files = await Promise.all(
      (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
    );
    expect(files.reduce((sum, size) => sum + size, 0)).toBeLessThan(500);
  });

  it("is bounded in memory too while nothing can be written: what is forgotten is older than `since`", async () => {
    const directory = await newDirectory();
    let now = Date.parse("2026-01-01T00:00:00Z");
    const record = await openEventRecord(directory, () => now, { ageMs: day, events: 10 });
    expect(await record.take("first")).toBe("new");
    const disk = await diskOf(directory);
    try {
      disk.fills();
      for (let number = 0; number < 100; number++) {
        now += 1_000;
        expect(await record.take(`click ${number}`)).toBe("unrecorded");
      }
      expect(await record.take("click 99")).toBe("again");
      expect(record.since).toBeGreaterThan(Date.parse("2026-01-01T00:00:00Z"));
      expect(await record.take("first")).toBe("unrecorded");
    } finally {
      disk.restore();
    }
    expect(await record.take("click 200")).toBe("new");
    await record.close();
  });

  it("is read at the start in slices that leave others their turn, also with as many as it keeps", async () => {
    const directory = await newDirectory();
    const ids = Array.from({ length: 50_000 }, (_, number) => JSON.stringify(`command ${number} ${"x".repeat(40)}`));
    await writeFile(path(directory), [JSON.stringify({ since: new Date().toISOString() }), ...ids, ""].join("\n"));
    const opened = async () => (await openEventRecord(directory)).close();
    expect(await longestSlice(opened)).toBeLessThan(LONGEST_MS);
  });

  it("is whole after a kill between the steps of a new generation", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory);
    await record.take("a");
    await record.close();
    await rename(path(directory), join(directory, "seen-gestures.old.jsonl"));
    await writeFile(
      join(directory, "seen-gestures.next.jsonl"),
      `${JSON.stringify({ since: new Date().toISOString() })}\n`,
    );
    const next = await openEventRecord(directory);
    expect(next.notice).toBeNull();
    expect(next.since).toBe(record.since);
    expect(await next.take("a")).toBe("again");
    expect(await next.take("b")).toBe("new");
    await next.close();
  });

  it("ignores a partial last line after a kill, and continues after it", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory);
    await record.take("a");
    await record.close();
    await appendFile(path(directory), '"click 1234567890 which was never ack');
    const next = await openEventRecord(directory);
    expect(next.notice).toBeNull();
    expect(await next.take("b")).toBe("new");
    await next.close();
    const last = await openEventRecord(directory);
    expect(last.notice).toBeNull();
    expect(await last.take("b")).toBe("again");
    await last.close();
  });

  it.each([
    ["a line that is none", (text: string) => text.replace('"b"', "\0\0\0")],
    ["a first line that is none", (text: string) => text.replace("since", "sinec")],
    ["nothing", () => ""],
  ])("with %s is put aside. Of earlier events only what could be read is known", async (_, damage) => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory);
    for (const id of ["a", "b", "c"]) await record.take(id);
    await record.close();
    await writeFile(path(directory), damage(await readFile(path(directory), "utf8")));
    const before = Date.now();
    const next = await openEventRecord(directory);
    expect(next.notice).toContain("is damaged in line ");
    expect(next.since).toBeGreaterThanOrEqual(before);
    expect((await readdir(directory)).some((name) => name.includes(".damaged-"))).toBe(true);
    if (damage("x") !== "") expect(await next.take("c")).toBe("again");
    await next.close();
    const last = await openEventRecord(directory);
    expect(last.notice).toBeNull();
    expect(last.since).toBe(next.since);
    await last.close();
  });

  it("that is missing next to an older generation is reported, and nothing before the start is known", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory, Date.now, { ageMs: day, events: 2 });
    for (const id of ["a", "b", "c", "d"]) await record.take(id);
    await record.close();
    await rm(path(directory));
    const before = Date.now();
    const next = await openEventRecord(directory);
    expect(next.notice).toContain("is missing");
    expect(next.since).toBeGreaterThanOrEqual(before);
    await next.close();
  });

  it("that begins in the future begins again, and knows what it knew", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory, () => Date.now() + day);
    await record.take("a");
    await record.close();
    const next = await openEventRecord(directory);
    expect(next.notice).toContain("begins in the future");
    expect(next.since).toBeLessThanOrEqual(Date.now());
    expect(await next.take("a")).toBe("again");
    await next.close();
  });

  it("removes a line that a full disk cut, and continues when there is space", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory);
    await record.take("a");
    const handle = await open(path(directory), "r");
    const prototype: { appendFile(bytes: Buffer): Promise<void> } = Object.getPrototypeOf(handle);
    await handle.close();
    const { appendFile: whole } = prototype;
    prototype.appendFile = async function half(bytes) {
      await whole.call(this, bytes.subarray(0, bytes.length / 2));
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    };
    try {
      expect(await record.take("b is only half written")).toBe("unrecorded");
    } finally {
      prototype.appendFile = whole;
    }
    expect(await record.take("b is only half written")).toBe("again");
    expect(await record.take("c")).toBe("new");
    await record.close();
    const next = await openEventRecord(directory);
    expect(next.notice).toBeNull();
    expect(await next.take("a")).toBe("again");
    expect(await next.take("b is only half written")).toBe("again");
    expect(await next.take("c")).toBe("again");
    await next.close();
  });

  it.each(["with the next event", "at its close"])(
    "writes what a full disk did not take %s, so that a later delivery is known after a restart",
    async (when) => {
      const directory = await newDirectory();
      const disk = await diskOf(directory);
      const record = await openEventRecord(directory);
      try {
        disk.fills();
        expect(await record.take("mention C1 1.000001")).toBe("unrecorded");
        expect(await record.take("mention C1 1.000002")).toBe("unrecorded");
      } finally {
        disk.restore();
      }
      if (when === "with the next event") {
        expect(await record.take("mention C1 1.000003")).toBe("new");
        expect(await readFile(path(directory), "utf8")).toContain('"mention C1 1.000001"\n"mention C1 1.000002"\n');
      }
      await record.close();
      const next = await openEventRecord(directory);
      expect(await next.take("mention C1 1.000001")).toBe("again");
      expect(await next.take("mention C1 1.000002")).toBe("again");
      await next.close();
    },
  );

  it("keeps no more unwritten events than a generation has", async () => {
    const directory = await newDirectory();
    const disk = await diskOf(directory);
    const record = await openEventRecord(directory, Date.now, { ageMs: day, events: 3 });
    try {
      disk.fills();
      for (const id of ["a", "b", "c", "d", "e"]) expect(await record.take(id)).toBe("unrecorded");
    } finally {
      disk.restore();
    }
    await record.close();
    const [, ...written] = (await readFile(path(directory), "utf8")).trimEnd().split("\n");
    expect(written).toEqual(['"c"', '"d"', '"e"']);
  });

  it("takes nothing for recorded that the disk did not take, and continues when it does", async () => {
    const directory = await newDirectory();
    const record = await openEventRecord(directory, Date.now, { ageMs: day, events: 2 });
    await record.take("a");
    await record.take("b");
    // The next one begins a generation, but its file can't be created here.
    await rm(directory, { recursive: true });
    expect(await record.take("c")).toBe("unrecorded");
    expect(await record.take("c")).toBe("again");
    await mkdir(directory);
    await writeFile(path(directory), "");
    expect(await record.take("d")).toBe("new");
    await record.close();
    expect(await readFile(path(directory), "utf8")).toContain('"d"\n');
  });
});
