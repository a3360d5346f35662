import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quote, type Token, tokenise } from "../../src/language/tokenise.ts";

const tokensOf = (line: string): readonly Token[] => {
  const read = tokenise(line);
  if (read.kind === "unreadable") throw new Error(`column ${read.column}: ${read.problem}`);
  return read.tokens;
};
const isControl = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const typeable = fc.string({ unit: "binary" }).filter((text) => !isControl.test(text));

describe("tokenise", () => {
  it("reads words and pairs, each with its column", () => {
    expect(tokensOf(`  host add  "my host" port=22 description='a "b"'`)).toEqual([
      { kind: "word", text: "host", quoted: false, column: 3 },
      { kind: "word", text: "add", quoted: false, column: 8 },
      { kind: "word", text: "my host", quoted: true, column: 13 },
      { kind: "pair", key: "port", value: "22", column: 23 },
      { kind: "pair", key: "description", value: 'a "b"', column: 31 },
    ]);
  });
  it("reads a quote inside a word, and an = inside a value, unchanged", () => {
    expect(tokensOf("description=it's wwid=a=b $(reboot);`id`")).toMatchObject([
      { key: "description", value: "it's" },
      { key: "wwid", value: "a=b" },
      { text: "$(reboot);`id`" },
    ]);
  });
  it("keeps an escaped quote and backslash in double quotes, and every other backslash", () => {
    expect(tokensOf(String.raw`name="a\"b\\c\d"`)).toMatchObject([{ value: String.raw`a"b\c\d` }]);
    expect(tokensOf(String.raw`name='a\'`)).toMatchObject([{ value: "a\\" }]);
  });
  it("reads a quoted empty value", () => {
    expect(tokensOf('description=""')).toMatchObject([{ key: "description", value: "" }]);
  });
  it("reads any text back from its quoted form, as a word and as a value", () => {
    fc.assert(
      fc.property(typeable, (text) => {
        expect(tokensOf(`a ${quote(text)} b`)).toMatchObject([{ text: "a" }, { kind: "word", text }, { text: "b" }]);
        expect(tokensOf(`key=${quote(text)}`)).toMatchObject([{ kind: "pair", key: "key", value: text }]);
      }),
    );
  });

  it.each([
    ['name="ps 1', 6, "never closed", "put another"],
    ["name='ps 1", 6, "never closed", "put another '"],
    ['name="ps"1', 10, "right after a closing quote", "put a space"],
    ["name= ps-1", 1, "name= without a value", "name=ps-1"],
    ["name=", 1, "without a value", 'name=""'],
    ["host add h1 name= port=22", 13, "name= without a value", "name=…"],
    ["name =ps-1", 6, "a space before it", "name=…"],
    ["name = ps-1", 6, "a space before it", "name=…"],
    ['description="two\nlines"', 13, "line break", "one line"],
    ["host\u0007list", 5, "U+0007", "delete it"],
    ["a \u001b[2Jb", 3, "U+001B", "delete it"],
    ["wwid=36b0\u202e8f", 10, "U+202E", "delete it"],
  ])("reports where %j can't be read, and what to type", (line, column, problem, advice) => {
    expect(tokenise(line)).toMatchObject({
      kind: "unreadable",
      column,
      problem: expect.stringContaining(problem),
      advice: expect.stringContaining(advice),
    });
  });

  it("loses nothing of what it reads", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "=", '"', "'", "\\", " ", "-") }), (line) => {
        const read = tokenise(line);
        if (read.kind === "unreadable") {
          expect(read.column).toBeGreaterThan(0);
          expect(read.column).toBeLessThanOrEqual(line.length);
          return;
        }
        const letters = read.tokens.map((token) => (token.kind === "word" ? token.text : token.key + token.value));
        const count = (text: string): number => text.split("a").length;
        expect(count(letters.join(""))).toBe(count(line));
      }),
    );
  });
});
