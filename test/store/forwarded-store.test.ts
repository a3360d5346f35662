import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openForwardedStore } from "../../src/store/forwarded-store.ts";
import { newDirectory } from "./samples.ts";

const position = (id: number) => ({ id, hash: id.toString(16).padStart(64, "0") });

it("keeps what each receiver has, also after a restart", async () => {
  const directory = await newDirectory();
  const store = await openForwardedStore(directory);
  expect([store.notice, store.of("a")]).toEqual([null, null]);
  await store.keep("a", position(1));
  await Promise.all([store.keep("b", position(7)), store.keep("a", position(2))]);
  await store.close();
  const again = await openForwardedStore(directory);
  expect([again.of("a"), again.of("b"), again.of("c")]).toEqual([position(2), position(7), null]);
});

it("keeps the 20 receivers that took something last", async () => {
  const store = await openForwardedStore(await newDirectory());
  for (let number = 1; number <= 25; number++) await store.keep(`receiver ${number}`, position(number));
  await store.keep("receiver 6", position(30));
  expect([5, 6, 7].map((number) => store.of(`receiver ${number}`))).toEqual([null, position(30), position(7)]);
});

it.each(["{", "[]]", '[{"receiver":"a","id":0,"hash":""}]', '{"a":1}'])(
  "that is damaged is moved aside, so that all is sent again: %s",
  async (text) => {
    const directory = await newDirectory();
    const path = join(directory, "forwarded.json");
    await writeFile(path, text);
    const store = await openForwardedStore(directory);
    expect(store.of("a")).toBeNull();
    expect(store.notice).toContain(`It is kept as ${path}.damaged. All audit entries are sent again`);
    expect(await readFile(`${path}.damaged`, "utf8")).toBe(text);
    await store.keep("a", position(1));
    await store.close();
    expect((await openForwardedStore(directory)).of("a")).toEqual(position(1));
  },
);
