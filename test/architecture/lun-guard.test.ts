import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const sources = ["src", "commands"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`),
);
const naming = (text: string) => sources.filter((file) => readFileSync(join(root, file), "utf8").includes(text)).sort();

it("only one file makes the guard that a step needs to destroy the data on a LUN", () => {
  expect(naming("asksOfLuns")).toEqual(["src/core/step.ts", "src/storage/checks/lun-guard.ts"]);
});

it("no cast makes such a guard, and only destruction() makes a destructive command: it says what is lost", () => {
  expect(naming("as LunGuard")).toEqual([]);
  expect(naming('effect: "destroy"')).toEqual(["src/core/change.ts"]);
  expect(naming("destruction(").length).toBeGreaterThan(3);
});
