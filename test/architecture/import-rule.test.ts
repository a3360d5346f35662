import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

/** Which folders a folder may import; ARCHITECTURE.md has the reasons. A folder may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/access": ["src/core"],
  "src/host": ["src/core"],
  "src/language": ["src/core"],
  "src/parse": ["src/core", "src/host"],
  "src/storage": ["src/core", "src/host"],
  "src/iscsi": ["src/core", "src/host", "src/storage"],
  "src/prepare": ["src/core", "src/host", "src/storage"],
  commands: ["src/core", "src/host", "src/storage", "src/iscsi", "src/prepare", "src/watch", "src/access"],
  "src/watch": ["src/core", "src/host", "src/storage", "src/text"],
  "src/flow": ["src/core", "src/access", "src/host", "src/language", "src/watch"],
  "src/text": ["src/core"],
  "src/store": ["src/core", "src/flow", "src/text", "src/watch", "src"],
  "src/ssh": ["src/core", "src/host", "src/flow"],
  "src/forward": ["src/core", "src/flow"],
  "src/monitoring": ["src/core", "src/flow", "src/watch"],
  "src/slack": ["src/core", "src/access", "src/flow", "src/language", "src/text"],
  "src/terminal": ["src/core", "src/flow", "src/language", "src/text", "src"],
  "src/simulator": ["src/core", "src/flow", "src/text", "src"],
  "src/workspace": ["src/core", "src/flow", "src/text"],
};
/** What each pure folder may take from outside; the others may take any dependency. */
const pure: Readonly<Record<string, readonly string[]>> = {
  "src/core": ["zod", "node:crypto"],
  "src/host": ["zod", "saxes", "node:crypto"],
  "src/language": ["zod", "fastest-levenshtein"],
  "src/parse": ["zod"],
  "src/storage": ["zod", "fastest-levenshtein", "node:path/posix"],
  "src/iscsi": ["zod"],
  "src/prepare": ["node:path/posix"],
  "src/access": ["zod"],
  "src/watch": ["zod", "d3-shape"],
  commands: ["zod"],
  "src/flow": ["node:crypto"],
  "src/text": ["node:util"],
};
/** The folders of the domain, in the order in which one builds on the other; files directly in it build on none of them. */
const storeys = ["observe", "checks", "render", "steps", "health", "plans", "forms"];
/** The only files directly in src that adapters may use. */
const plainFiles = ["src/replace-file.ts", "src/line-to-type.ts"];

const root = join(import.meta.dirname, "../..");
const files = ["src", "commands"].flatMap(filesIn);

describe("the import rule", () => {
  it("finds files in every folder that it names", () => {
    for (const folder of Object.keys(mayImport)) {
      expect(
        files.filter((file) => file.startsWith(`${folder}/`)),
        folder,
      ).not.toHaveLength(0);
    }
  });

  it.each(Object.keys(mayImport))("%s imports only what it may", (folder) => {
    const allowed = [folder, ...(mayImport[folder] ?? [])];
    const mayTake = (target: string) =>
      isOurs(target)
        ? allowed.includes(plainFiles.includes(target) ? "src" : folderOf(target))
        : (pure[folder]?.includes(target) ?? true);
    const broken = files
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
      .filter(({ target }) => !mayTake(target))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(broken).toEqual([]);
  });

  it("the folders of the domain build on those before them", () => {
    const storeyOf = (file: string) => storeys.indexOf(/^src\/storage\/([^/]+)\//.exec(file)?.[1] ?? "");
    const ours = files.filter((file) => file.startsWith("src/storage/"));
    expect(new Set(ours.map(storeyOf)).size).toBe(storeys.length + 1);
    const broken = ours.flatMap((file) =>
      importsOf(file)
        .filter((target) => storeyOf(target) > storeyOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("no files import each other in a circle, not even for a type", () => {
    expect(
      circleIn(new Map(files.map((file) => [file, importsOf(file).filter((target) => files.includes(target))]))),
    ).toBeNull();
  });

  it("finds a circle", () => {
    expect(
      circleIn(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toBe("b → c → b");
    expect(
      circleIn(
        new Map([
          ["a", ["b", "c"]],
          ["b", ["c"]],
          ["c", []],
        ]),
      ),
    ).toBeNull();
  });

  it("only the composition roots wire the adapters", () => {
    const roots = [
      "src/cli.ts",
      "src/main.ts",
      "src/bot.ts",
      "src/world.ts",
      "src/monitoring-of-bot.ts",
      "src/forwarding-of-bot.ts",
      "src/ssh-login.ts",
      "src/slack-away.ts",
      "src/terminal/say.ts",
      "src/begin-audit.ts",
    ];
    const adapters = [
      "src/ssh",
      "src/store",
      "src/slack",
      "src/simulator",
      "src/workspace",
      "src/terminal",
      "src/monitoring",
      "src/forward",
    ];
    const others = files
      .filter((file) => !roots.includes(file) && !adapters.includes(folderOf(file)))
      .filter((file) => importsOf(file).some((target) => isOurs(target) && adapters.includes(folderOf(target))));
    expect(others).toEqual([]);
  });
});

/** A circle of files, each importing the next: `a.ts → b.ts → a.ts`. Null if there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string | null {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file].join(" → ");
    if (done.has(file)) return null;
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target, [...way, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle !== null) return circle;
  }
  return null;
}

const isOurs = (target: string): boolean => target.startsWith("src/") || target.startsWith("commands/");

/** `src/core/plan.ts` → `src/core`; `commands/host/add.ts` → `commands`; `src/main.ts` → `src`. */
function folderOf(file: string): string {
  const parts = file.split("/");
  if (parts[0] === "commands") return "commands";
  return parts.length > 2 ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

/** What a file imports: packages by name, our own files by their path from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"\s]+)"/g)]
    .flatMap(([, target]) => target ?? [])
    .map((target) => (target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target));
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
