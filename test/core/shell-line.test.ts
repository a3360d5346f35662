import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellLine } from "../../src/core/host-command.ts";
import { runsOf } from "../scenario/rows.ts";

describe("shellLine", () => {
  it("passes any arguments through a real shell unchanged", () => {
    const argument = fc
      .string({ unit: "binary" })
      .filter((text) => !text.includes("\0") && text === Buffer.from(text).toString());
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 4 }), (args) => {
        const out = spawnSync("/bin/sh", ["-c", `printf '%s\\0' ${shellLine(args)}`]);
        expect(out.stdout.toString().split("\0").slice(0, -1)).toEqual(args);
      }),
      { numRuns: runsOf(200) },
    );
  });

  it.each(["", "$(reboot)", "`reboot`", "a'b", "; rm -rf /", "\n", "*", "~", "-rf", "é 中"])(
    "keeps %j one word",
    (word) => {
      const out = spawnSync("/bin/sh", ["-c", `printf '[%s]' ${shellLine([word, "end"])}`]);
      expect(out.stdout.toString()).toBe(`[${word}][end]`);
    },
  );
});
