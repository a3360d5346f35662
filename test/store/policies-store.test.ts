import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ruleIn } from "../../src/access/policy.ts";
import { NotWritten } from "../../src/core/not-written.ts";
import type { SetRule } from "../../src/core/policy.ts";
import { Refusal, reason } from "../../src/core/refusal.ts";
import { openPoliciesStore } from "../../src/store/policies-store.ts";
import { diskOf } from "./full-disk.ts";
import { newDirectory } from "./samples.ts";

const given = { configured: [], isLocal: false };
const rule: SetRule = {
  ...{ risk: "destructive", cluster: null, confirm: "typed", approver: "always" },
  ...{ by: "U0ALICE01", at: "2026-11-30T10:00:00.000Z" },
};
const pathIn = (directory: string) => join(directory, "policies.json");
const many = (count: number): SetRule[] =>
  Array.from({ length: count }, (_, index) => ({ ...rule, cluster: `cluster-${index}` }));

describe("policies.json", () => {
  it("has the rules that people set, after a restart too, and none at first", async () => {
    const directory = await newDirectory();
    const first = await openPoliciesStore(directory, given);
    expect([first.set(), first.damage(), first.configured, first.isLocal]).toEqual([[], null, [], false]);
    expect(await first.changeSet((rules) => [[...rules, rule], "result"])).toBe("result");
    await first.close();
    const second = await openPoliciesStore(directory, given);
    expect(second.set()).toEqual([rule]);
    await second.changeSet(() => [[], null]);
    await second.close();
    const third = await openPoliciesStore(directory, given);
    expect(third.set()).toEqual([]);
    await third.close();
  });

  it("two changes at once build on each other, and a refused one changes nothing", async () => {
    const store = await openPoliciesStore(await newDirectory(), given);
    const add = (cluster: string) => store.changeSet((rules) => [[...rules, { ...rule, cluster }], null]);
    await Promise.all([add("cluster-1"), add("cluster-2")]);
    const refuses = () => {
      throw new Refusal("The policy was not changed", reason("NOT_FOUND", "there is no such rule"));
    };
    await expect(store.changeSet(refuses)).rejects.toThrow(Refusal);
    expect(store.set().map(({ cluster }) => cluster)).toEqual(["cluster-1", "cluster-2"]);
    await store.close();
  });

  it("a rule that can't be written does not hold", async () => {
    const directory = await newDirectory();
    const store = await openPoliciesStore(directory, given);
    await store.changeSet(() => [[rule], null]);
    const disk = await diskOf(directory);
    try {
      disk.fills();
      await expect(store.changeSet(() => [[], null])).rejects.toThrow(NotWritten);
      expect(store.set()).toEqual([rule]);
      expect(ruleIn("destructive", null, store)).toMatchObject({ approver: "always", from: "a person" });
      disk.hasRoom();
      await store.changeSet(() => [[], null]);
      expect(ruleIn("destructive", null, store)).toMatchObject({ approver: "if possible", from: "default" });
    } finally {
      disk.restore();
    }
    await store.close();
  });

  it("may have 1,000 rules, and more are a damaged file", async () => {
    const directory = await newDirectory();
    await writeFile(pathIn(directory), JSON.stringify({ rules: many(1_000) }));
    const whole = await openPoliciesStore(directory, given);
    expect([whole.damage(), whole.set().length]).toEqual([null, 1_000]);
    await whole.close();
    await writeFile(pathIn(directory), JSON.stringify({ rules: many(1_001) }));
    const damaged = await openPoliciesStore(directory, given);
    expect(damaged.damage()).toContain("policies.json can't be read");
    await damaged.close();
  });
});

describe("a damaged policies.json", () => {
  const texts: readonly (readonly [string, string])[] = [
    ["no JSON", "{"],
    ["an empty file", ""],
    ["no list", '{"rules":null}'],
    ["an unknown field", '{"rules":[],"more":1}'],
    ["an unknown risk", JSON.stringify({ rules: [{ ...rule, risk: "none" }] })],
    ["an unknown confirmation", JSON.stringify({ rules: [{ ...rule, confirm: "hope" }] })],
    ["no author", JSON.stringify({ rules: [{ ...rule, by: undefined }] })],
  ];
  it.each(texts)(
    "(%s) means the strictest rules, also in the local workspace, and is left unchanged",
    async (_, text) => {
      const directory = await newDirectory();
      await writeFile(pathIn(directory), text);
      const store = await openPoliciesStore(directory, { ...given, isLocal: true });
      expect(store.damage()).toContain("policies.json can't be read");
      expect(store.set()).toEqual([]);
      for (const risk of ["reversible", "trust", "destructive"] as const) {
        expect(ruleIn(risk, "cluster-1", store)).toMatchObject({
          confirm: "typed",
          approver: "always",
          from: "damage",
        });
      }
      await store.close();
      expect(await readFile(pathIn(directory), "utf8")).toBe(text);
    },
  );

  it.each(texts)("(%s) is kept under another name when a person sets a rule", async (_, text) => {
    const directory = await newDirectory();
    await writeFile(pathIn(directory), text);
    const store = await openPoliciesStore(directory, given);
    expect(await store.changeSet((rules) => [[...rules, rule], rules.length])).toBe(0);
    expect([store.damage(), store.set()]).toEqual([null, [rule]]);
    expect(await readFile(`${pathIn(directory)}.damaged`, "utf8")).toBe(text);
    await store.close();
    const again = await openPoliciesStore(directory, given);
    expect([again.damage(), again.set()]).toEqual([null, [rule]]);
    await again.close();
  });

  it("of two people who set a rule at once, both rules hold, and the damaged file is kept", async () => {
    const directory = await newDirectory();
    await writeFile(pathIn(directory), "{");
    const store = await openPoliciesStore(directory, given);
    const add = (cluster: string) => store.changeSet((rules) => [[...rules, { ...rule, cluster }], null]);
    await Promise.all([add("cluster-1"), add("cluster-2")]);
    expect(store.set().map(({ cluster }) => cluster)).toEqual(["cluster-1", "cluster-2"]);
    expect(await readFile(`${pathIn(directory)}.damaged`, "utf8")).toBe("{");
    await store.close();
  });

  it("still means the strictest rules if the new rule can't be written", async () => {
    const directory = await newDirectory();
    await writeFile(pathIn(directory), "{");
    const store = await openPoliciesStore(directory, given);
    const disk = await diskOf(directory);
    try {
      disk.fills();
      await expect(store.changeSet(() => [[rule], null])).rejects.toThrow(NotWritten);
      expect(store.damage()).toContain("policies.json can't be read");
      expect(ruleIn("reversible", null, store)).toMatchObject({ approver: "always", from: "damage" });
      expect(await readFile(pathIn(directory), "utf8")).toBe("{");
      disk.hasRoom();
      await store.changeSet(() => [[rule], null]);
      expect([store.damage(), store.set()]).toEqual([null, [rule]]);
    } finally {
      disk.restore();
    }
    await store.close();
    expect((await readdir(directory)).toSorted()).toEqual(["policies.json", "policies.json.damaged"]);
  });

  it("a file that can't be opened at all stops the start: nobody knows what it says", async () => {
    const directory = await newDirectory();
    await mkdir(pathIn(directory));
    await expect(openPoliciesStore(directory, given)).rejects.toThrow("EISDIR");
  });
});
