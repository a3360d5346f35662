import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputNotUnderstood } from "../../src/core/host-command.ts";
import { readSamples, samplePlaces } from "../../src/host/cmp.ts";

const MEBIBYTE = 1024 ** 2;

describe("the places of samples", () => {
  it("are within the disk, one after another, up to its last byte", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 52 }), (sizeBytes) => {
        const places = samplePlaces(sizeBytes);
        let end = 4 * MEBIBYTE;
        for (const { at, bytes } of places) {
          expect(at).toBeGreaterThanOrEqual(end);
          expect(bytes).toBeGreaterThan(0);
          end = at + bytes;
        }
        if (sizeBytes > 4 * MEBIBYTE) expect(end).toBe(sizeBytes);
      }),
    );
  });

  it("are 64 and the last MiB, and always the same", () => {
    const places = samplePlaces(2 * 1024 ** 4);
    expect(places).toHaveLength(65);
    expect(samplePlaces(2 * 1024 ** 4)).toEqual(places);
  });
});

describe("the output of the real find and cmp is understood", () => {
  const sizeBytes = 128 * MEBIBYTE;
  const [, second] = samplePlaces(sizeBytes);
  const last = sizeBytes - 1;
  it.each<[string, number | null]>([
    ["zeros", null],
    ["data in the second sample", second?.at ?? 0],
    ["data in the last byte", last],
    ["data between samples is not seen", (second?.at ?? 0) - 1],
  ])("%s", (what, byte) => {
    const file = join(mkdtempSync(join(tmpdir(), "samples-")), "disk");
    const disk = openSync(file, "w");
    ftruncateSync(disk, sizeBytes);
    if (byte !== null) writeSync(disk, "x", byte);
    closeSync(disk);
    const { argv, parse } = readSamples(file, sizeBytes);
    const { stdout, stderr, status } = spawnSync(argv[0], argv.slice(1), { encoding: "utf8" });
    const seen = parse({ stdout, stderr, exitCode: status ?? -1 });
    const isSeen = byte !== null && !what.includes("not seen");
    expect(seen).toEqual(isSeen ? { blank: false, firstByte: byte + 1 } : { blank: true });
  });

  it("a disk that ends too early or can't be read is not blank", () => {
    const { parse } = readSamples("/dev/sdb", sizeBytes);
    const output = { stdout: "zero\n", stderr: "cmp: /dev/sdb: Input/output error\n", exitCode: 0 };
    expect(() => parse(output)).toThrow(OutputNotUnderstood);
    expect(() => parse({ ...output, stderr: "cmp: EOF on /dev/sdb after byte 5\n" })).toThrow(OutputNotUnderstood);
    expect(() => parse({ ...output, stdout: "", stderr: "" })).toThrow(OutputNotUnderstood);
  });
});
