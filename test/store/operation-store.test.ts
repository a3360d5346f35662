import { describe, expect, it } from "vitest";
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

  it("keeps all that are not finished, 200 that are, and 20 of these with their plan", async () => {
    const directory = await newDirectory();
    const store = await openOperationStore(directory);
    const open = await store.create(planned);
    await Promise.all(Array.from({ length: 250 }, () => store.create({ ...planned, state: "done" })));
    const kept = (await openOperationStore(directory)).latest(1000);
    expect(kept.map((operation) => operation.id)).toEqual([
      ...Array.from({ length: 200 }, (_, index) => `op-${251 - index}`),
      open.id,
    ]);
    expect(kept.filter((operation) => operation.state === "done" && operation.shown.length > 0)).toHaveLength(20);
    expect(kept.at(-1)).toEqual(open);
    expect((await store.create(planned)).id).toBe("op-252");
  });
});
