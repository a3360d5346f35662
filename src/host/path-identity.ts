import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { readNamePage } from "./kernel-disk.ts";

/** The serial number of the unit behind a path (vital product data 80), as the kernel read it; null where it keeps none. */
export const readUnitSerial = (disk: string): ReadCommand<string | null> => ({
  ...readPage(disk, "vpd_pg80"),
  parse: ({ stdout }) => serialOn(bytesIn(stdout)),
});

/** What a path tells on its page 83. */
export interface PathPage {
  /** The LUN's name of type NAA, in hexadecimal digits; null where it tells none. */
  readonly name: string | null;
  /** The number of the target's port that the path leads to, among all ports of that target device; null where it tells none. */
  readonly port: number | null;
}

/** Both from one read: a LUN may have many paths, and all reads of a round trip are one argument. */
export const readPathPage = (disk: string): ReadCommand<PathPage> => ({
  ...readPage(disk, "vpd_pg83"),
  parse: (output, note) => ({ name: readNamePage(disk).parse(output, note), port: portOn(bytesIn(output.stdout)) }),
});

const readPage = (disk: string, page: string) => ({
  effect: "read" as const,
  argv: ["od", "-An", "-v", "-tx1", "--", `/sys/block/${disk}/device/${page}`] as const,
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0, 1],
});

function bytesIn(stdout: string): number[] {
  const words = stdout.trim() === "" ? [] : stdout.trim().split(/\s+/);
  const strange = words.find((word) => !/^[0-9a-f]{2}$/.test(word));
  if (strange !== undefined) throw new OutputNotUnderstood("od", strange, "two hexadecimal digits");
  return words.map((word) => Number.parseInt(word, 16));
}

const HEADER = 4;

/** `00 80 00 08 20 20 62 65 61 66 31 31`: a header, and characters that may be filled up with blanks. */
function serialOn(page: readonly number[]): string | null {
  const length = (page[2] ?? 0) * 256 + (page[3] ?? 0);
  const text = String.fromCharCode(...page.slice(HEADER, HEADER + length)).replaceAll("\0", "");
  return text.trim() === "" ? null : text.trim();
}

const OF_PORT = 1;
const RELATIVE_PORT = 4;

/** `… 61 94 00 04 00 00 00 02`: a descriptor of the port (association 1), of type relative target port; its last two bytes. */
function portOn(page: readonly number[]): number | null {
  const end = Math.min(page.length, HEADER + (page[2] ?? 0) * 256 + (page[3] ?? 0));
  for (let at = HEADER; at + HEADER <= end; at += HEADER + (page[at + 3] ?? 0)) {
    const kind = page[at + 1] ?? 0;
    const isPort = ((kind >> 4) & 3) === OF_PORT && (kind & 15) === RELATIVE_PORT && page[at + 3] === 4;
    if (isPort) return (page[at + 6] ?? 0) * 256 + (page[at + 7] ?? 0);
  }
  return null;
}
