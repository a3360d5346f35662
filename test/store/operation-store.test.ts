import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLANS_OF_ALL, PLANS_OF_ONE } from "../../src/core/open-plans.ts";
import { openOperationStore } from "../../src/store/operation-store.ts";
import { newDirectory, planned } from "./samples.ts";

describe("the operation store", () => {
  it("lets one of two clicks in the same tick win", async () => {
    const store = await openOperationStore(await newDirectory());
    const { id } = await store.create(planned);
    const clicks = ["U1", "U2"].map((by) => store.change(id, ["planned"], { state: "confirmed", confirmedBy: by }));
    const [first, second] = await Promise.all(clicks);
    expect(first).toMatchObject({ state: "confirmed", confirmedBy: "U1" });
    expect(second).toBeNull();
    expect(store.get(id)).toEqual(first);
  });

  it("changes nothing of an operation it does not know", async () => {
    const store = await openOperationStore(await newDirectory());
    expect(await store.change("op-7", ["planned"], { state: "done" })).toBeNull();
    expect(store.get("op-7")).toBeNull();
  });

  it("refuses a patch that could not be read again", async () => {
    const store = await openOperationStore(await newDirectory());
    const { id } = await store.create(planned);
    await expect(store.change(id, ["planned"], { finishedAt: "yesterday" })).rejects.toThrow("finishedAt");
    expect(store.get(id)?.finishedAt).toBeNull();
  });

  it("numbers operations, shows the latest first and never reuses a number", async () => {
    const directory = await newDirectory();
    const store = await openOperationStore(directory);
    await Promise.all([store.create(planned), store.create(planned), store.create(planned)]);
    expect(store.latest(2).map((operation) => operation.id)).toEqual(["op-3", "op-2"]);
    expect(store.latest(0)).toEqual([]);
    expect((await (await openOperationStore(directory)).create(planned)).id).toBe("op-4");
  });

  it("reads operations that version 0.1 wrote", async () => {
    const directory = await newDirectory();
    const store = await openOperationStore(directory);
    const { id } = await store.create({ ...planned, notified: true, notifiedElsewhere: "a place" });
    await store.close();
    const path = join(directory, "operations.json");
    const today = await readFile(path, "utf8");
    const before = today.replace('"notified":', '"told":').replace('"notifiedElsewhere":', '"toldElsewhere":');
    expect(before).toContain('"toldElsewhere":');
    await writeFile(path, before);
    const again = await openOperationStore(directory);
    expect(again.get(id)).toMatchObject({ notified: true, notifiedElsewhere: "a place" });
    await again.create(planned);
    expect(await readFile(path, "utf8")).not.toContain('"told');
  });

  it("keeps all that are not finished, 200 that are, and 20 of these with their plan", async () => {
    const directory = await newDirectory();
    const store = await openOperationStore(directory);
    const open = await store.create(planned);
    await Promise.all(Array.from({ length: 250 }, () => store.create({ ...planned, state: "done", notified: true })));
    const kept = (await openOperationStore(directory)).latest(1000);
    expect(kept.map((operation) => operation.id)).toEqual([
      ...Array.from({ length: 200 }, (_, index) => `op-${251 - index}`),
      open.id,
    ]);
    expect(kept.filter((operation) => operation.state === "done" && operation.shown.length > 0)).toHaveLength(20);
    expect(kept.at(-1)).toEqual(open);
    expect((await store.create(planned)).id).toBe("op-252");
  });

  it("refuses plans above the limit of a person or of all. Takes one again after one has ended", async () => {
    const store = await openOperationStore(await newDirectory());
    const own = await Promise.all(Array.from({ length: PLANS_OF_ONE }, () => store.create(planned)));
    await expect(store.create(planned)).rejects.toThrow("20 of your plans wait for a click: op-1, op-2");
    const others = Array.from({ length: PLANS_OF_ALL - PLANS_OF_ONE }, (_, index) => `U${2 + (index % 4)}`);
    await Promise.all(others.map((askedBy) => store.create({ ...planned, askedBy })));
    await expect(store.create({ ...planned, askedBy: "U9" })).rejects.toThrow("100 plans wait for a click");
    await store.change(own[0]?.id ?? "", ["planned"], { state: "expired" });
    expect(await store.create({ ...planned, askedBy: "U9" })).toMatchObject({ state: "planned" });
  });

  it("keeps the texts of plans up to a size: of one plan, of one person's plans and of all", async () => {
    const directory = await newDirectory();
    const store = await openOperationStore(directory);
    const text = (kib: number) => Array.from({ length: kib }, (_, index) => `${index}`.padEnd(1024, "x"));
    const long = await store.create({ ...planned, shown: text(257) });
    expect(store.get(long.id)).toMatchObject({ state: "planned", digest: planned.digest, shown: [] });
    for (let person = 0; person < 6; person++) {
      for (let plan = 0; plan < 4; plan++) {
        await store.create({ ...planned, askedBy: `U${person}`, shown: text(200) });
      }
    }
    const kept = store.latest(1000);
    const withText = kept.filter(({ shown }) => shown.length > 0);
    expect(kept).toHaveLength(25);
    for (const person of ["U1", "U2", "U3", "U4", "U5"]) {
      // The latest two of each: a third one is more than a person has.
      expect(withText.filter(({ askedBy }) => askedBy === person)).toHaveLength(2);
    }
    expect(withText.every(({ id }) => Number(id.slice(3)) % 4 < 2)).toBe(true);
    const size = (await stat(join(directory, "operations.json"))).size;
    expect(size).toBeLessThan(2.5 * 1024 * 1024);
    expect((await openOperationStore(directory)).latest(1000)).toEqual(kept);
  });

  it("keeps unreported ends in addition to reported ones", async () => {
    const store = await openOperationStore(await newDirectory());
    const unnotified = await store.create({ ...planned, state: "done" });
    await Promise.all(Array.from({ length: 250 }, () => store.create({ ...planned, state: "done", notified: true })));
    expect(store.get(unnotified.id)).toMatchObject({ notified: false, shown: [] });
    await Promise.all(Array.from({ length: 600 }, () => store.create({ ...planned, state: "done" })));
    expect(store.latest(10_000).length).toBeLessThanOrEqual(500);
  });
});
