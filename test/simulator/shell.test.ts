import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellLine } from "../../src/core/host-command.ts";
import { expandWords, parseShellLine, SyntaxNotSimulated } from "../../src/simulator/san/shell.ts";
import { runsOf } from "../scenario/rows.ts";

const text = fc.string({ unit: "binary", maxLength: 30 }).filter((value) => !value.includes("\0"));

describe("the shell of a simulated host", () => {
  it("gives every quoted argument to the program unchanged", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (argv) => {
        const [command, ...rest] = parseShellLine(shellLine(argv));
        expect(rest).toEqual([]);
        expect(command && expandWords(command, 0)).toEqual(argv);
      }),
    );
  });

  it("splits quoted, escaped and joined words as /bin/sh does", () => {
    const piece = fc.oneof(
      fc.constantFrom(..."abc-/.:,@%+".split("")),
      fc.constantFrom("\\$", "\\'", '\\"', "\\\\", "\\;", "\\ ", "\\*", " ", "  "),
      fc.string({ maxLength: 6 }).map((value) => `'${value.replaceAll("'", "")}'`),
      fc.string({ maxLength: 6 }).map((value) => `"${value.replace(/[$`"\\]/g, "\\$&")}"`),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const line = `printf '<%s>' x ${pieces.join("")}`;
        const real = execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" });
        const [command] = parseShellLine(line);
        const [, , ...words] = command ? expandWords(command, 0) : [];
        expect(words.map((word) => `<${word}>`).join("")).toBe(real);
      }),
      { numRuns: runsOf(60) },
    );
  });

  it("knows the exit code of the command before, and sends what it prints to standard error", () => {
    const [first, second] = parseShellLine(`false; printf '%d\\n' "$?" >&2`);
    expect(first?.toStderr).toBe(false);
    expect(second?.toStderr).toBe(true);
    expect(second && expandWords(second, 7)).toEqual(["printf", "%d\\n", "7"]);
  });

  it("knows what runs only if the one before failed", () => {
    expect(parseShellLine("true || echo no; echo yes").map(({ orElse }) => orElse)).toEqual([false, true, false]);
  });

  it("knows what runs only if the one before succeeded", () => {
    expect(parseShellLine("true && echo yes; echo yes").map(({ andThen }) => andThen)).toEqual([false, true, false]);
    expect(() => parseShellLine("true &&; echo no")).toThrow(SyntaxNotSimulated);
    expect(() => parseShellLine("true &&")).toThrow(SyntaxNotSimulated);
  });

  it.each([
    "ls | wc",
    "|| ls",
    "ls ||",
    "ls & rm x",
    "ls *",
    "echo $(id)",
    'echo "$(id)"',
    "echo `id`",
    "echo $HOME",
    "ls > /tmp/x",
    "ls &",
    "ls 'open",
    "; ls",
    "A=1 ls",
    "ls # no",
  ])("refuses %s rather than guess at it", (line) => {
    expect(() => parseShellLine(line)).toThrow(SyntaxNotSimulated);
  });
});
