import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
const rows = textOf("docs/threat-model.md")
  .split("\n")
  .filter((line) => /^\| [^-]/.test(line) && !line.startsWith("| who, and the harm"))
  .map((line) => line.slice(2, -2).split(" | "));

/** `test/x.test.ts` "title": a file, and the title of one of its tests. */
const named = rows.flatMap(([, , , tests = ""]) =>
  tests.split("; ").map((each) => {
    const [, path = "", title = null] = /^`([^`]+)`(?: "([^"]+)")?$/.exec(each) ?? [];
    return { each, path, title };
  }),
);

describe("docs/threat-model.md", () => {
  it("says of each threat what stops it, what does not, and which test shows it", () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ""))).toEqual([]);
    expect(named.filter(({ path }) => !path.startsWith("test/") || !path.endsWith(".test.ts"))).toEqual([]);
  });

  it("names only tests that exist", () => {
    expect(named.filter(({ path }) => !existsSync(join(root, path))).map(({ path }) => path)).toEqual([]);
  });

  it("quotes only titles of these tests", () => {
    const quoted = named.flatMap(({ path, title }) => (title === null ? [] : [{ path, title }]));
    expect(quoted.length).toBeGreaterThan(10);
    const isTitle = ({ path, title }: { readonly path: string; readonly title: string }) =>
      new RegExp(
        `(?:describe|it|itSimulated)(?:\\.\\w+)*(?:\\([^()]*\\))?\\(\\s*"${escaped(title)}"|"${escaped(title)}",`,
      ).test(textOf(path));
    expect(quoted.filter((each) => !isTitle(each))).toEqual([]);
  });

  it.each(["README.md", "ARCHITECTURE.md", "docs/least-power.md", "docs/permissions.md"])("is named in %s", (path) => {
    expect(textOf(path)).toContain("threat-model.md");
  });
});

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
