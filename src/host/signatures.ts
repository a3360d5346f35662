import { z } from "zod";
import {
  type CommandOutput,
  type Destruction,
  type HostCommand,
  OutputNotUnderstood,
  type ReadCommand,
} from "../core/host-command.ts";
import { ONE, SIGNATURES } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import type { Signature } from "../core/storage.ts";
import { BEGINNING } from "./backup.ts";
import { withoutHexEscapes } from "./hex-escapes.ts";
import { reportIn, rowOf } from "./json-report.ts";
import { linesOf } from "./lines.ts";
import { marksPartitionTable } from "./partition-table.ts";

/** Every magic string on a device, those behind others too. util-linux before 2.31 has no JSON and names the first of each type. */
export const listSignatures = (device: string): ReadCommand<Signature[]> => ({
  effect: "read",
  argv: ["wipefs", "--json", "--output", "DEVICE,OFFSET,TYPE,UUID,LABEL,USAGE", "--", device],
  timeoutMs: 20_000,
  limits: SIGNATURES,
  exitCodes: [0],
  parse: ({ stdout }, note) => {
    // util-linux before 2.36 prints nothing where there is no signature, later ones an empty list.
    if (stdout.trim() === "") return [];
    const { signatures } = rowOf("wipefs", reportSchema, reportIn("wipefs", stdout, SIGNATURES, note));
    // The disk is one object: what is not understood of it may be any signature.
    const found = eachUnderstood(
      signatures,
      (row) => [foundIn(row)],
      () => null,
      note,
    );
    return found.map(({ usage, ...signature }) => ({
      ...signature,
      isPartitionTable: marksPartitionTable({ ...signature, usage }, found),
    }));
  },
  older: { argv: ["wipefs", "--parsable", "--", device], translate: reportOfLines },
});

function foundIn(row: unknown) {
  const { offset, type, uuid, label, usage } = rowOf("wipefs", signatureSchema, row);
  return { offsetBytes: Number(offset), type, label: label || null, uuid: uuid || null, usage: usage || null };
}

/**
 *     # offset,uuid,label,type
 *     0x438,f2d38cba-37da-411d-b7ba-9a6696c58174,my\x20data,ext2
 *
 * Nothing where there is no signature. A comma in a label is `\x2c`, with 2.31 and later a comma.
 */
function reportOfLines(output: CommandOutput, note?: Note): CommandOutput {
  const lines = linesOf(output.stdout).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const read = (line: string) => {
    const found = /^([^,]+),([^,]*),(.*),([^,]+)$/.exec(line);
    if (found === null) throw new OutputNotUnderstood("wipefs", line, "offset,uuid,label,type");
    const [, offset, uuid, label, type] = found.map(withoutHexEscapes);
    return [{ offset, uuid, label, type }];
  };
  const signatures = eachUnderstood(lines, read, () => null, note);
  return { ...output, stdout: JSON.stringify({ signatures }) };
}

const reportSchema = z.object({ signatures: z.array(z.unknown()) });
const signatureSchema = z.object({
  offset: z.string().regex(/^(0x[0-9a-f]+|\d+)$/, "expected an offset such as 0x218"),
  type: z.string().min(1),
  uuid: z.string().nullish(),
  label: z.string().nullish(),
  usage: z.string().nullish(),
});

/** Whether the first 4 MiB are zero; `firstByte` counts from 1, as cmp does. */
export type Blankness = { readonly blank: true } | { readonly blank: false; readonly firstByte: number };

/** "No signature" is not "blank": data that no tool knows is data. */
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

/** Writes `wipefs-DEVICE-OFFSET.bak` into the directory for each signature that a wipe would erase; erases nothing. */
export const backUpSignatures = (device: string, directory: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["env", `HOME=${directory}`, "wipefs", "--all", "--no-act", "--backup", "--", device],
  timeoutMs: 30_000,
  exitCodes: [0],
  parse: () => null,
});

/** Whether wipefs can back up at all: since util-linux 2.24, so not on RHEL 7. */
export const canBackUpSignatures: ReadCommand<boolean> = {
  effect: "read",
  argv: ["wipefs", "--help"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0],
  parse: ({ stdout }) => stdout.includes("--backup"),
};

/** For a wipefs that can't: copies 4 KiB from a byte on, flushed to disk, to `byte-N.bin` in the directory. */
export const backUpFrom = (byte: number, device: string, directory: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: [
    ...(["dd", `if=${device}`, `of=${directory}/byte-${byte}.bin`, "bs=4096", "count=1"] as const),
    ...["iflag=skip_bytes", `skip=${byte}`, "conv=fsync", "status=none"],
  ],
  timeoutMs: 30_000,
  exitCodes: [0],
  parse: () => null,
});

/** Copies the first 2 MiB, flushed to disk, to `beginning.bin` in the directory. */
export const backUpBeginning = (device: string, directory: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: [
    ...(["dd", `if=${device}`, `of=${directory}/${BEGINNING.file}`, "bs=1M", `count=${BEGINNING.mebibytes}`] as const),
    ...["conv=fsync", "status=none"],
  ],
  timeoutMs: 30_000,
  exitCodes: [0],
  parse: () => null,
});

/** Erases every signature. A device in use is refused by wipefs itself: there is no --force. */
export const wipeSignatures = (device: string): Destruction<null, "LUN"> => ({
  effect: "destroy",
  loses: "LUN",
  argv: ["wipefs", "--all", "--", device],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
});
