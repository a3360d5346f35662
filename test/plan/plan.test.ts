import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { planCaseSchema, plannedNow } from "./plan-case.ts";

const folder = join(import.meta.dirname);
const commandsHere = readdirSync(folder, { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map(({ name }) => name);

// Leases have ages, and copies of files a time in their names.
beforeAll(() => void vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-29T10:00:00.000Z") }));
afterAll(() => void vi.useRealTimers());

describe.each(commandsHere)("%s", (command) => {
  const files = readdirSync(join(folder, command)).filter((name) => name.endsWith(".json"));
  for (const name of files) {
    const file = join(folder, command, name);
    const asked = planCaseSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    it(asked.case, async () => {
      expect(asked.words.startsWith(`${command.replaceAll("-", " ")} `)).toBe(true);
      // If a plan is to be another one: `npm run plan:cases` writes the files again, and the difference is read.
      await expect(`${JSON.stringify(await plannedNow(asked), null, 2)}\n`).toMatchFileSnapshot(file);
    });
  }
});
