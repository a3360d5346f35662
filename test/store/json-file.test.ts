import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type JsonFile, openJsonFile } from "../../src/store/json-file.ts";
import { newDirectory } from "./samples.ts";

const schema = z.strictObject({ numbers: z.array(z.int()) });
type Numbers = z.output<typeof schema>;
const put = (file: JsonFile<Numbers>, number: number) =>
  file.update(({ numbers }) => [{ numbers: [...numbers, number] }, numbers.length]);

describe("a JSON file", () => {
  let path: string;
  beforeEach(async () => {
    path = join(await newDirectory(), "numbers.json");
  });
  const open = () => openJsonFile(path, schema, { numbers: [] });

  it("starts from the initial value and is written at the first change, for its owner only", async () => {
    const file = await open();
    expect(file.read()).toEqual({ numbers: [] });
    await expect(stat(path)).rejects.toThrow("ENOENT");
    await put(file, 1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await open()).read()).toEqual({ numbers: [1] });
  });

  it("shows a change only once it is on disk", async () => {
    const file = await open();
    const written = put(file, 1);
    expect(file.read()).toEqual({ numbers: [] });
    await written;
    expect(file.read()).toEqual({ numbers: [1] });
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ numbers: [1] });
  });

  it("lets updates at once build on each other and gives each its own result", async () => {
    const file = await open();
    const results = await Promise.all(Array.from({ length: 300 }, (_, number) => put(file, number)));
    const expected = Array.from({ length: 300 }, (_, number) => number);
    expect(results).toEqual(expected);
    expect((await open()).read().numbers).toEqual(expected);
  });

  it("takes updates that come while a write is under way", async () => {
    const file = await open();
    const all: Promise<unknown>[] = [];
    for (let number = 0; number < 50; number++) {
      all.push(put(file, number));
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    expect((await open()).read().numbers).toHaveLength(50);
  });

  it("writes out what is under way when it is closed, and takes nothing any more", async () => {
    const file = await open();
    const underWay = file.update(({ numbers }) => [{ numbers: [...numbers, 1] }, undefined]);
    await file.close();
    await underWay;
    await expect(file.update(() => [{ numbers: [2] }, undefined])).rejects.toThrow("is closed");
    expect((await open()).read()).toEqual({ numbers: [1] });
  });

  it("goes back to what is on disk if a write fails, and accepts the next one", async () => {
    const file = await open();
    await put(file, 1);
    await rm(path);
    await mkdir(path); // a directory in its place: the rename fails, for root too
    const spoiled = await Promise.allSettled([put(file, 2), put(file, 3)]);
    expect(spoiled.map((each) => each.status)).toEqual(["rejected", "rejected"]);
    expect(file.read()).toEqual({ numbers: [1] });
    await rm(path, { recursive: true });
    await put(file, 4);
    expect((await open()).read()).toEqual({ numbers: [1, 4] });
  });

  it("that checks updates rejects a state that it could not read again, and the others at once are written", async () => {
    const file = await openJsonFile(path, schema, { numbers: [] }, { checksUpdates: true });
    await put(file, 1);
    const [first, damage, last] = await Promise.allSettled([put(file, 2), put(file, 2.5), put(file, 3)]);
    expect([first.status, last.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(damage).toMatchObject({ status: "rejected", reason: { message: expect.stringContaining("numbers.0: ") } });
    await expect(file.update((latest) => [{ ...latest, extra: 1 }, null])).rejects.toThrow("is not changed");
    expect((await open()).read()).toEqual({ numbers: [1, 2, 3] });
  });

  it("that checks updates checks only new elements of a list", async () => {
    const checked: unknown[] = [];
    const element = z.strictObject({ id: z.int().refine((id) => checked.push(id) > 0) });
    const file = await openJsonFile(path, z.array(element), [], { checksUpdates: true });
    for (const id of [1, 2, 3]) await file.update((all) => [[...all, { id }], null]);
    await file.update((all) => [all.filter(({ id }) => id !== 2), null]);
    expect(checked).toEqual([1, 2, 3]);
    expect(file.read()).toEqual([{ id: 1 }, { id: 3 }]);
  });

  it.each([
    ["{", "it is not JSON"],
    ["", "it is not JSON"],
    ['{"numbers":[1,"two"]}', "numbers.1: "],
    ['{"numbers":[],"extra":1}', "extra"],
    ["null", "the whole: "],
  ])("stops at the damaged content %j and leaves it alone", async (content, problem) => {
    await writeFile(path, content);
    await expect(open()).rejects.toThrow(`${path} can't be read: it is damaged: `);
    await expect(open()).rejects.toThrow(problem);
    expect(await readFile(path, "utf8")).toBe(content);
  });
});
