import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** A name that only tests import counts as used: it is how a file shows what it does. */
const importing = ["src", "commands", "test"].flatMap(filesIn);
const exporting = ["src", "commands"].flatMap(filesIn);

it("each exported name is imported by another file: what nobody imports has no `export`", () => {
  expect(exporting.length).toBeGreaterThan(400);
  const used = new Set(importing.flatMap((file) => importedBy(file, textOf(file))));
  const unused = exporting.flatMap((file) =>
    exportedBy(textOf(file))
      .filter((name) => !used.has(`${file} ${name}`) && !used.has(`${file} *`))
      .map((name) => `${file}: ${name}`),
  );
  expect(unused).toEqual([]);
});

it("finds what is exported and what is imported", () => {
  const text =
    "export async function a() {}\nexport const b = 1;\nexport type C = 1;\nexport { d, type E as F };\nconst g = 1;";
  expect(exportedBy(text)).toEqual(["a", "b", "C", "d", "F"]);
  expect(
    importedBy("src/x/y.ts", 'import { a, type B as C } from "../z.ts";\nexport type { D } from "./w.ts";'),
  ).toEqual(["src/z.ts a", "src/z.ts B", "src/x/w.ts D"]);
  expect(importedBy("src/x.ts", 'import * as all from "./y.ts";\nawait import("./z.ts");')).toEqual([
    "src/y.ts *",
    "src/z.ts *",
  ]);
});

function exportedBy(text: string): string[] {
  const declared = text.matchAll(
    /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm,
  );
  const listed = text.matchAll(/^export (?:type )?\{([^}]*)\}(?! from)/gm);
  return [
    ...[...declared].flatMap(([, name]) => name ?? []),
    ...[...listed].flatMap(([, names = ""]) => names.split(",").flatMap((each) => /(\w+)\s*$/.exec(each)?.[1] ?? [])),
  ];
}

/** `src/z.ts a` for each name, `src/z.ts *` where all of a file may be used. */
function importedBy(file: string, text: string): string[] {
  const pathOf = (target: string) => relative(root, join(root, dirname(file), target));
  const named = text.matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gm);
  const whole = text.matchAll(/(?:^import \* as \w+ from |^export \* from |\bimport\()\s*"(\.[^"]+)"/gm);
  return [
    ...[...named].flatMap(([, names = "", target = ""]) =>
      names.split(",").flatMap((each) => {
        const name = /^\s*(?:type )?(\w+)/.exec(each)?.[1];
        return name === undefined ? [] : [`${pathOf(target)} ${name}`];
      }),
    ),
    ...[...whole].map(([, target = ""]) => `${pathOf(target)} *`),
  ];
}
