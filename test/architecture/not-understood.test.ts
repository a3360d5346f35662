import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** `read.parse(output)` leaves out what it does not understand, and says so to nobody. */
it("no decision of the domain ignores output that was not understood", () => {
  const folders = ["src/storage", "src/iscsi", "src/prepare", "commands"];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
  const silent = files.filter((file) => /\.parse\(output\)/.test(readFileSync(join(root, file), "utf8")));
  expect(files.length).toBeGreaterThan(100);
  expect(silent).toEqual([]);
});
