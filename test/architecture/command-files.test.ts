import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../commands");
/** `index.ts` is the list of all commands. */
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && file !== "index.ts",
);
const MOST_LINES = 60;

describe("a command file", () => {
  it("is found for every command", () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it.each(files)("%s has arguments, words and one call: its logic is in src/", (file) => {
    const text = readFileSync(join(root, file), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(MOST_LINES);
    expect(text.match(/^ {2}(?:plan|answer|act): \w+,$/gm)).toHaveLength(1);
    expect(text).not.toMatch(/\b(?:async|await|function|return)\b/);
  });
});
