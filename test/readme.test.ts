import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../src/bot.ts";
import { readConfig } from "../src/config.ts";
import { withCommandTable } from "../src/language/command-table.ts";
import { openInventoryStore } from "../src/store/inventory-store.ts";

const root = join(import.meta.dirname, "..");
const textOf = (name: string) => readFileSync(join(root, name), "utf8");

it("the README's table of commands is the one that the definitions make", () => {
  const readme = textOf("README.md");
  expect(withCommandTable(readme, commands)).toBe(readme);
});

it("the README and .env.example name every variable that the bot reads, and no other", () => {
  const read = new Set<string>();
  const env = new Proxy<NodeJS.ProcessEnv>({}, { get: (_, name) => void read.add(String(name)), has: () => false });
  readConfig(env);
  const example = [...textOf(".env.example").matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(example.toSorted()).toEqual([...read].toSorted());
  for (const name of read) expect(textOf("README.md")).toContain(`\`${name}\``);
});

it("the example inventory can be used as inventory.json", async () => {
  const directory = await mkdtemp(join(tmpdir(), "zstack-example-"));
  await copyFile(join(root, "data/inventory.example.json"), join(directory, "inventory.json"));
  const store = await openInventoryStore(directory);
  expect(store.current().primaryStorages[0]?.name).toBe("ps-1");
  await rm(directory, { recursive: true });
});
