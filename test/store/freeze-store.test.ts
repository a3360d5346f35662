import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { NotWritten } from "../../src/core/not-written.ts";
import { openFreezeStore } from "../../src/store/freeze-store.ts";
import { diskOf } from "./full-disk.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "zstack-freezes-"));
});
afterEach(() => rm(directory, { recursive: true }));

const freeze = { cluster: "cluster-1", by: "U1", at: "2026-11-30T10:00:00.000Z", reason: "new switch", until: null };
const file = () => join(directory, "freezes.json");

it("a freeze survives the next start", async () => {
  const store = await openFreezeStore(directory);
  expect(store.current()).toEqual({ freezes: [], schedules: [], damaged: null });
  await store.change((latest) => ({ ...latest, freezes: [freeze] }));
  await store.close();
  expect((await openFreezeStore(directory)).current().freezes).toEqual([freeze]);
});

it.each([
  ["no JSON", "{"],
  ["an empty file", ""],
  ["a field that is not known", '{"version":1,"freezes":[],"schedules":[],"more":1}'],
  [
    "a window that is none",
    '{"version":1,"freezes":[],"schedules":[{"cluster":null,"window":"Fri","zone":"UTC","by":"U1","at":"2026-11-30T10:00:00.000Z"}]}',
  ],
  [
    "an unknown zone",
    '{"version":1,"freezes":[],"schedules":[{"cluster":null,"window":"Fri 18:00-Mon 07:00","zone":"Mars/X","by":"U1","at":"2026-11-30T10:00:00.000Z"}]}',
  ],
])("%s is a damaged record, and it stays until a person writes it again", async (_, content) => {
  await writeFile(file(), content);
  const store = await openFreezeStore(directory);
  expect(store.current().damaged).toContain("freezes.json is damaged");
  await expect(store.change((latest) => latest)).rejects.toThrow();
  expect(await readFile(file(), "utf8")).toBe(content);
  const kept = await store.beginAgain();
  expect(await readFile(kept ?? "", "utf8")).toBe(content);
  expect(store.current()).toEqual({ freezes: [], schedules: [], damaged: null });
  await store.change((latest) => ({ ...latest, freezes: [freeze] }));
  await store.close();
  expect((await openFreezeStore(directory)).current().freezes).toEqual([freeze]);
  expect((await readdir(directory)).length).toBe(2);
});

it("a freeze that can't be written is no freeze", async () => {
  const store = await openFreezeStore(directory);
  const disk = await diskOf(directory);
  disk.fills();
  await expect(store.change((latest) => ({ ...latest, freezes: [freeze] }))).rejects.toThrow(NotWritten);
  expect(store.current().freezes).toEqual([]);
  disk.hasRoom();
  await store.change((latest) => ({ ...latest, freezes: [freeze] }));
  expect(store.current().freezes).toEqual([freeze]);
  disk.restore();
});
