import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";
import { linesOf } from "./output.ts";

/** Whether the first 4 MiB are zero; `firstByte` counts from 1, as cmp does. */
export type Blankness = { readonly blank: true } | { readonly blank: false; readonly firstByte: number };

/** "No signature" is not "blank": data that no tool recognises is still data. */
export const readBlankness = (device: string): ReadCommand<Blankness> => ({
  effect: "read",
  argv: ["cmp", "--bytes=4194304", "--", device, "/dev/zero"],
  timeoutMs: 20_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: blankness,
});

/**
 *     /dev/mapper/mpatha /dev/zero differ: byte 1026, line 1        (`char 1026` in some versions)
 *     cmp: EOF on /dev/sdb after byte 1048576, in line 1            (standard error; zero to its end, and smaller than 4 MiB)
 */
function blankness({ stdout, stderr, exitCode }: CommandOutput): Blankness {
  if (exitCode === 0) return { blank: true };
  const byte = /differ: (?:byte|char) (\d+)/.exec(stdout)?.[1];
  if (byte !== undefined) return { blank: false, firstByte: Number(byte) };
  if (/^cmp: EOF on (?!\/dev\/zero)/m.test(stderr) && !stderr.includes("which is empty")) return { blank: true };
  throw new OutputNotUnderstood("cmp", `${stdout}${stderr}`.trim(), "the first byte that differs");
}

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 ** 2;
/** What `readBlankness` reads. */
const BEGINNING_BYTES = 4 * MEBIBYTE;
const END_BYTES = MEBIBYTE;
const SAMPLES = 64;
const SAMPLE_BYTES = 64 * KIBIBYTE;
/** Of the page cache; a disk's sectors are no larger. */
const ALIGNED_TO = 4096;

const aligned = (bytes: number): number => Math.floor(bytes / ALIGNED_TO) * ALIGNED_TO;

/** What is read of a disk, as a plan states it. */
export const SAMPLED = "first 4 MiB, last 1 MiB, 64 × 64 KiB between";

interface Place {
  readonly at: number;
  readonly bytes: number;
}

/**
 * The places after the beginning, at even distances. They depend on the disk's size only, so a second plan reads the
 * same places. A disk too small for samples is read completely.
 */
export function samplePlaces(sizeBytes: number): Place[] {
  const endAt = sizeBytes - END_BYTES;
  const between = endAt - BEGINNING_BYTES;
  if (sizeBytes <= BEGINNING_BYTES) return [];
  if (between < SAMPLES * SAMPLE_BYTES) return [{ at: BEGINNING_BYTES, bytes: sizeBytes - BEGINNING_BYTES }];
  const step = aligned(between / SAMPLES);
  const first = BEGINNING_BYTES + aligned((step - SAMPLE_BYTES) / 2);
  const samples = Array.from({ length: SAMPLES }, (_none, index) => ({
    at: first + index * step,
    bytes: SAMPLE_BYTES,
  }));
  return [...samples, { at: endAt, bytes: END_BYTES }];
}

/**
 * Whether all samples of the disk are zero, without the first 4 MiB. One find runs a cmp for each place and ends at the
 * first place that is not zero. This starts fewer programs than one command per place.
 */
export const readSamples = (device: string, sizeBytes: number): ReadCommand<Blankness> => {
  const places = samplePlaces(sizeBytes);
  return {
    effect: "read",
    argv: [
      ...(["find", device, "-maxdepth", "0"] as const),
      ...places.flatMap(({ at, bytes }) => [
        ...["-exec", "cmp", `--bytes=${bytes}`, `--ignore-initial=${at}:0`, "{}", "/dev/zero", ";"],
        ...["-printf", "zero\\n"],
      ]),
    ],
    timeoutMs: 60_000,
    limits: ONE,
    exitCodes: [0],
    parse: (output) => sampled(output, places),
  };
};

/**
 *     zero
 *     zero
 *     /dev/mapper/mpatha /dev/zero differ: byte 1026, line 1
 *
 * One line for each place that is zero; the byte counts within the place, from 1. In which order the two programs' lines
 * come is not certain.
 */
function sampled({ stdout, stderr }: CommandOutput, places: readonly Place[]): Blankness {
  const zeros = linesOf(stdout).filter((line) => line === "zero").length;
  const byte = /differ: (?:byte|char) (\d+)/.exec(stdout)?.[1];
  const place = places[zeros];
  if (byte !== undefined && place !== undefined) return { blank: false, firstByte: place.at + Number(byte) };
  if (zeros === places.length) return { blank: true };
  throw new OutputNotUnderstood(
    "cmp",
    `${stdout.replaceAll("zero\n", "")}${stderr}`.trim(),
    "zeros, or the first byte that is not zero",
  );
}
