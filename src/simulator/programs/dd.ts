import { z } from "zod";
import { writeMagic } from "../san/content.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { type Content, contentSchema, type SanSignature } from "../san/san-state.ts";
import { probeAgain } from "../san/udev-memory.ts";
import { openDevice } from "./disk-contents.ts";
import { findFile, writeFile } from "./file-tree.ts";

/**
 * `dd if=DEVICE of=FILE …` and `dd if=FILE of=DEVICE … seek=BYTE`. The model holds no sectors: a copy of a disk's
 * beginning is a text that says what was on it, and written back it is on the disk again.
 */
export const dd: Program = (args, place) => {
  const operands = new Map(args.map((arg) => [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]));
  const unknown = args.find((arg) => !/^(if|of|bs|count|conv|status|iflag|oflag|skip|seek)=/.test(arg));
  if (unknown !== undefined) {
    return complained(`dd: unrecognized operand '${unknown}'\nTry 'dd --help' for more information.\n`);
  }
  const copied = bytesOf(operands, place);
  if ("exitCode" in copied) return copied;
  const to = operands.get("of") ?? "";
  const error = to.startsWith("/dev/")
    ? writeDevice(to, copied.text, operands, place)
    : writeFile(place, to, copied.text);
  if (error !== null) return complained(`dd: failed to open '${to}': ${error}\n`);
  return operands.get("status") === "none" ? printed("") : complained("1+0 records in\n1+0 records out\n", 0);
};

function bytesOf(operands: ReadonlyMap<string, string>, place: Place): { readonly text: string } | Result {
  const from = operands.get("if") ?? "";
  const file = findFile(place.host, from);
  if (file !== null) return { text: file.content };
  const opened = openDevice(from, place);
  if ("error" in opened) return complained(`dd: failed to open '${from}': ${opened.error}\n`);
  const skip = operands.get("iflag")?.includes("skip_bytes") ? Number(operands.get("skip") ?? 0) : 0;
  const until = skip + Number.parseInt(operands.get("count") ?? "1", 10) * bytesIn(operands.get("bs") ?? "512");
  const text = opened.content === null ? `bytes ${skip} to ${until} of ${from}` : copyOf(opened.content, skip, until);
  return { text };
}

const bytesIn = (size: string): number => Number.parseInt(size, 10) * (size.endsWith("M") ? 1024 ** 2 : 1);

const copySchema = z.strictObject({ from: z.int(), until: z.int(), content: contentSchema });

const copyOf = (content: Content, from: number, until: number): string =>
  `${JSON.stringify({ from, until, content: { ...content, erased: null } })}\n`;

/** The content of a copy that dd made; null if the file is no such copy. */
function copyIn(text: string): z.output<typeof copySchema> | null {
  if (!text.startsWith('{"from":')) return null;
  const { from, until, content } = copySchema.parse(JSON.parse(text));
  const signatures = content.signatures.filter(({ offsetBytes }) => offsetBytes >= from && offsetBytes < until);
  return { from, until, content: { ...content, signatures } };
}

/**
 * What wipefs finds in such a copy, as measured with util-linux 2.38: no GPT, because its second header is missing. Up
 * to 1440 KiB, the size of a floppy disk, it finds no LVM and no RAID.
 */
export function signaturesInCopy(text: string): readonly SanSignature[] {
  const copy = copyIn(text);
  if (copy === null) return [];
  const isFloppy = copy.until - copy.from <= 1440 * 1024;
  return copy.content.signatures.filter(({ type }) => type !== "gpt" && !(isFloppy && /^LVM|_raid_member$/.test(type)));
}

/** The content of a copy is that of the time when it was made; null if the file is no copy. */
function writtenBack(text: string, now: Content): Content | null {
  const copy = copyIn(text);
  if (copy === null) return null;
  const { from, until, content } = copy;
  const isBeside = ({ offsetBytes }: { offsetBytes: number }) => offsetBytes < from || offsetBytes >= until;
  const beside = now.signatures.filter(isBeside);
  const base = from === 0 ? content : now;
  return {
    ...base,
    signatures: [...beside, ...content.signatures].sort((left, right) => left.offsetBytes - right.offsetBytes),
    erased: now.erased,
  };
}

function writeDevice(path: string, text: string, operands: ReadonlyMap<string, string>, place: Place): string | null {
  const opened = openDevice(path, place);
  if ("error" in opened) {
    const creates =
      opened.error === "No such file or directory" && !operands.get("conv")?.split(",").includes("nocreat");
    return creates ? createdInDev(path, text, place) : opened.error;
  }
  const { wwid } = opened.device;
  if (wwid === null) return "Operation not permitted";
  const lun = place.san.lun(wwid);
  const seek = operands.get("oflag")?.includes("seek_bytes") ? Number(operands.get("seek") ?? 0) : 0;
  const bytes = Buffer.from(text, "latin1").toString("hex");
  lun.content = writtenBack(text, lun.content) ?? writeMagic(lun.content, seek, bytes);
  probeAgain(place.san, place.host, wwid);
  place.san.changed();
  return null;
}

/** What no device has for its name becomes a file of devtmpfs: the disk behind a link that went gets nothing. */
function createdInDev(path: string, content: string, { host, san, root }: Place): string | null {
  if (!root) return "Permission denied";
  host.files.push({ path, content });
  san.changed();
  return null;
}
