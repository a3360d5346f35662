import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
/** What makes questions of reads there asks with `mapRead` or `orNone`: these parse a long output in parts. */
const folders = ["src/storage", "src/iscsi", "src/prepare", "src/flow", "commands"];

describe("questions to hosts", () => {
  it.each(folders)("%s has no parse of its own, which would parse a long output at once", (folder) => {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((each) =>
      each.endsWith(".ts"),
    );
    expect(files).not.toEqual([]);
    const own = files.filter((file) => /\bparse(: |\(output)/.test(readFileSync(join(root, folder, file), "utf8")));
    expect(own).toEqual([]);
  });
});
