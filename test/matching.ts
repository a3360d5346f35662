import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { filesOfTests, suite, textOf, withImports } from "./files.ts";

/**
 * `npm run t -- WORD`: runs all tests of every file with the word in its path. In the other files it runs the tests with
 * the word in their title. Several words are one title. What begins with - goes to vitest.
 */
const given = process.argv.slice(2);
const word = given.filter((each) => !each.startsWith("-")).join(" ");
const options = given.filter((each) => each.startsWith("-"));
if (word === "") {
  process.stderr.write("Usage: npm run t -- WORD … [--OPTION-OF-VITEST …]\n");
  process.exit(1);
}
const has = (text: string, part = word): boolean => text.toLowerCase().includes(part.toLowerCase());
/** A title may begin in one line and end in another. */
const hasParts = (text: string): boolean => word.split(" ").every((part) => has(text, part));

const byPath = suite().filter((file) => has(file));
// The words of a title come from the test, from the files that it imports, and from the names of its cases.
const matchingCases = new Set(
  filesOfTests()
    .filter((file) => !file.endsWith(".ts") && has(file))
    .map(folderOfTest),
);
const byTitle = suite().filter(
  (file) =>
    !has(file) &&
    (matchingCases.has(dirname(file)) ||
      [...withImports(file)].some((each) => each.startsWith("test/") && hasParts(textOf(each)))),
);

/** The nearest folder upwards that has tests. */
function folderOfTest(file: string): string {
  const folder = dirname(file);
  return folder === "test" || suite().some((test) => dirname(test) === folder) ? folder : folderOfTest(folder);
}

const vitest = (...args: string[]): number =>
  spawnSync("npx", ["vitest", "run", "--reporter=default", ...args, ...options], { stdio: "inherit" }).status ?? 1;

/** vitest has no option for it: `lun` is `[lL][uU][nN]`. */
const inAnyCase = (letter: string): string => `[${letter.toLowerCase()}${letter.toUpperCase()}]`;
const pattern = word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/\p{L}/gu, inAnyCase);
const codes = [
  byPath.length === 0 ? 0 : vitest(...byPath),
  byTitle.length === 0 ? 0 : vitest("--passWithNoTests", `--testNamePattern=${pattern}`, ...byTitle),
];
if (byPath.length + byTitle.length === 0) process.stderr.write(`No file and no title of a test has ${word}.\n`);
process.exit(byPath.length + byTitle.length === 0 ? 1 : Math.max(...codes));
