import { cp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openFolder } from "../../src/store/folder.ts";
import { openOperationStore } from "../../src/store/operation-store.ts";
import { newDirectory, planned } from "./samples.ts";

it("a data folder knows itself again, a copy of it is another", async () => {
  const directory = await newDirectory();
  const first = await openFolder(directory);
  expect(first.isCopied).toBe(false);
  await first.keep();
  expect((await stat(join(directory, "folder.json"))).mode & 0o777).toBe(0o600);
  expect((await openFolder(directory)).isCopied).toBe(false);

  const copy = join(await newDirectory(), "copy");
  await cp(directory, copy, { recursive: true });
  const second = await openFolder(copy);
  expect(second.isCopied).toBe(true);
  // Until it is kept, a start that was cut off finds the same.
  expect((await openFolder(copy)).isCopied).toBe(true);
  await second.keep();
  expect((await openFolder(copy)).isCopied).toBe(false);
  expect((await openFolder(directory)).isCopied).toBe(false);
});

it("with a damaged file counts as another, and one without it as the first", async () => {
  const directory = await newDirectory();
  await (await openFolder(directory)).keep();
  await writeFile(join(directory, "folder.json"), "{");
  const damaged = await openFolder(directory);
  expect(damaged.isCopied).toBe(true);
  await damaged.keep();
  expect((await openFolder(directory)).isCopied).toBe(false);
  await rm(join(directory, "folder.json"));
  expect((await openFolder(directory)).isCopied).toBe(false);
});

it("a copied folder knows no plan that was shown, and reports nothing about it", async () => {
  const directory = await newDirectory();
  const store = await openOperationStore(directory);
  await store.create(planned);
  const done = await store.create(planned);
  await store.change(done.id, ["planned"], { state: "done" });
  await store.close();
  const copied = await openOperationStore(directory, true);
  expect(copied.get("op-1")).toMatchObject({ state: "expired", nonce: null, notified: true });
  expect(copied.get("op-2")).toMatchObject({ state: "done", nonce: expect.any(String) });
  await copied.close();
});
