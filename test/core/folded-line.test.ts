import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldedLine } from "../../src/core/folded-line.ts";
import { readable } from "../../src/core/host-command.ts";
import { readSamples } from "../../src/host/cmp.ts";

/** Writes each repetition out again. */
const unfolded = (line: string): string =>
  line.replace(/\( (.*?) \) for N from (\d+) to (\d+) in steps of (\d+)/g, (_, words: string, ...numbers: string[]) => {
    const [first = 0, last = 0, step = 1] = numbers.slice(0, 3).map(Number);
    const times = (last - first) / step + 1;
    return Array.from({ length: times }, (_each, time) => words.replace("N", `${first + time * step}`)).join(" ");
  });

describe("a command for people", () => {
  it("has a group of words that repeats once, with the range of its numbers", () => {
    const compare = (at: number) => ["-exec", "cmp", `--ignore-initial=${at}:0`, "{}", "/dev/zero", ";"];
    const argv = ["find", "/dev/dm-1", "-maxdepth", "0", ...[4096, 8192, 12288, 16384, 2].flatMap(compare), "-quit"];
    expect(foldedLine(argv)).toBe(
      "find /dev/dm-1 -maxdepth 0 ( -exec cmp --ignore-initial=N:0 '{}' /dev/zero ';' ) for N from 4096 to 16384 in steps of 4096 -exec cmp --ignore-initial=2:0 '{}' /dev/zero ';' -quit",
    );
  });

  it("has each of the places at which a LUN is read, in few characters", () => {
    const { argv } = readSamples("/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a", 2 * 2 ** 40);
    const line = foldedLine(argv);
    expect(unfolded(line)).toBe(readable(argv));
    expect(line.length).toBeLessThan(500);
  });

  it("is unchanged if nothing repeats, more than one number differs, or a number does not grow evenly", () => {
    for (const argv of [
      ["multipath", "-ll"],
      ["echo", "8:0", "8:1", "8:2", "8:3", "8:4"],
      ["x", ...[1, 2, 3, 4, 5].flatMap((each) => ["-a", `${each}`, `${each}`])],
      ["x", ...[1, 2, 4, 8, 16].flatMap((each) => ["-a", "-b", `${each}`])],
      ["x", ...["08", "09", "010", "011"].flatMap((each) => ["-a", "-b", each])],
    ]) {
      expect(foldedLine(argv)).toBe(readable(argv));
    }
  });

  it("loses no word", () => {
    const word = fc.constantFrom("-exec", "cmp", "a1", "b22", "it's", "7", "");
    const group = fc.tuple(fc.array(word, { minLength: 2, maxLength: 5 }), fc.nat(), fc.nat(30), fc.nat(8));
    fc.assert(
      fc.property(fc.array(group, { maxLength: 4 }), (groups) => {
        const argv = groups.flatMap(([words, first, step, times]) =>
          Array.from({ length: times }, (_, time) => [...words, `--at=${first + time * step}:0`]).flat(),
        );
        expect(unfolded(foldedLine(argv))).toBe(readable(argv));
      }),
    );
  });
});
