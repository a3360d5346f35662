import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NotWritten } from "../../src/core/not-written.ts";
import { Refusal, reason } from "../../src/core/refusal.ts";
import { openReviewStore } from "../../src/store/review-store.ts";
import { diskOf } from "./full-disk.ts";
import { newDirectory } from "./samples.ts";

const at = "2026-11-30T10:00:00.000Z";
const fields = (operationId = "op-7") => ({
  ...{ operationId, title: "Add ps-1 to cluster-1", words: "sharedblock add cluster-1", by: "U0BOB0001", at },
  reason: "no approver answers",
  away: null,
});
const closed = { by: "U0ALICE01", at, note: "carol was ill" };
const pathIn = (directory: string) => join(directory, "reviews.json");

describe("reviews.json", () => {
  it("has open reviews with numbers of their own, the latest first, after a restart too", async () => {
    const directory = await newDirectory();
    const first = await openReviewStore(directory);
    const opened = await Promise.all([first.open(fields("op-7")), first.open(fields("op-8"))]);
    expect(opened.map(({ id }) => id)).toEqual(["rev-1", "rev-2"]);
    await first.close();
    const second = await openReviewStore(directory);
    expect(second.all()).toMatchObject([
      { id: "rev-2", operationId: "op-8", closed: null, isNotified: false, notified: [] },
      { id: "rev-1", operationId: "op-7", closed: null, isNotified: false, notified: [] },
    ]);
    expect((await second.open(fields("op-9"))).id).toBe("rev-3");
    await second.close();
  });

  it("is closed once: who comes later is refused, and nothing changes", async () => {
    const store = await openReviewStore(await newDirectory());
    await store.open(fields());
    expect(await store.change("rev-1", (review) => ({ ...review, closed }))).toMatchObject({ closed });
    const refuses = () => {
      throw new Refusal("rev-1 was not closed", reason("PLAN_ENDED", "it is closed"));
    };
    await expect(store.change("rev-1", refuses)).rejects.toThrow(Refusal);
    expect(await store.change("rev-9", (review) => review)).toBeNull();
    expect(store.all()).toMatchObject([{ id: "rev-1", closed }]);
    await store.close();
  });

  it("keeps every open review, and the latest 200 that are closed", async () => {
    const store = await openReviewStore(await newDirectory());
    await Promise.all(Array.from({ length: 205 }, (_, index) => store.open(fields(`op-${index + 1}`))));
    const stillOpen = ["rev-1", "rev-100"];
    const closes = store.all().filter(({ id }) => !stillOpen.includes(id));
    for (const { id } of closes) await store.change(id, (review) => ({ ...review, closed }));
    await store.open(fields("op-206"));
    const ids = store.all().map(({ id }) => id);
    expect(ids).toHaveLength(203);
    expect(ids).toEqual(expect.arrayContaining([...stillOpen, "rev-206", "rev-205"]));
    // The oldest closed ones are gone.
    expect(ids).not.toContain("rev-2");
    expect(ids).not.toContain("rev-4");
    expect(ids).toContain("rev-5");
    await store.close();
  });

  it("has at most 500 places that were notified: more is refused, and the review is unchanged", async () => {
    const store = await openReviewStore(await newDirectory());
    await store.open(fields());
    const notified = Array.from({ length: 501 }, (_, index) => `U${index}`);
    await expect(store.change("rev-1", (review) => ({ ...review, notified }))).rejects.toThrow();
    expect(store.all()).toMatchObject([{ notified: [] }]);
    await store.close();
  });

  it("a review that can't be written is not there, and a closing that can't be written leaves it open", async () => {
    const directory = await newDirectory();
    const store = await openReviewStore(directory);
    const disk = await diskOf(directory);
    try {
      disk.fills();
      await expect(store.open(fields())).rejects.toThrow(NotWritten);
      expect(store.all()).toEqual([]);
      disk.hasRoom();
      // The number was never given.
      expect((await store.open(fields())).id).toBe("rev-1");
      disk.fills();
      await expect(store.change("rev-1", (review) => ({ ...review, closed }))).rejects.toThrow(NotWritten);
      expect(store.all()).toMatchObject([{ id: "rev-1", closed: null }]);
      disk.hasRoom();
    } finally {
      disk.restore();
    }
    await store.close();
    const again = await openReviewStore(directory);
    expect(again.all()).toMatchObject([{ id: "rev-1", closed: null }]);
    await again.close();
  });

  it.each([
    ["no JSON", "{"],
    ["an empty file", ""],
    ["no number", '{"reviews":[]}'],
    ["a number below 1", '{"nextNumber":0,"reviews":[]}'],
    ["an unknown field", '{"nextNumber":1,"reviews":[],"more":1}'],
    ["a review without its reason", '{"nextNumber":2,"reviews":[{"id":"rev-1","operationId":"op-7"}]}'],
    [
      "a closing without a note",
      JSON.stringify({
        nextNumber: 2,
        reviews: [{ ...fields(), id: "rev-1", notified: [], isNotified: true, closed: { by: "U1", at } }],
      }),
    ],
  ])("prevents the start if it has %s, and is left unchanged: an open review is not lost unseen", async (_, text) => {
    const directory = await newDirectory();
    await writeFile(pathIn(directory), text);
    await expect(openReviewStore(directory)).rejects.toMatchObject({ error: { code: "DATA_FOLDER_UNUSABLE" } });
    expect(await readFile(pathIn(directory), "utf8")).toBe(text);
  });
});
