import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";

const folder = join(import.meta.dirname, "../scenario");
/** What is no command, or all of them. */
const subjects = ["any command", "Slack", "audit log", "data folder", "Home tab", "operation locks", "OPERATORS"];

it("each scenario's `describe` begins with its command, so that a failed test says what to type", () => {
  const names = [...commands.map(({ name }) => name), ...subjects];
  const found = readdirSync(folder)
    .filter((file) => file.endsWith(".test.ts"))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), "utf8").matchAll(/^describe(?:\.\w+(?:\([^)]*\))?)*\("([^"]*)"/gm)].map(
        ([, title = ""]) => ({ file, title }),
      ),
    );
  expect(found.length).toBeGreaterThan(70);
  const others = found.filter(({ title }) => !names.some((name) => new RegExp(`^${name}\\b`).test(title)));
  expect(others.map(({ file, title }) => `test/scenario/${file}: "${title}" names no command first`)).toEqual([]);
});
