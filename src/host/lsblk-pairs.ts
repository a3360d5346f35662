import { type CommandOutput, OutputNotUnderstood } from "../core/host-command.ts";
import { eachUnderstood, ignored, type Note } from "../core/not-understood.ts";
import { beforeLines } from "../core/parts.ts";
import { withoutHexEscapes } from "./hex-escapes.ts";
import { linesOf } from "./lines.ts";

/**
 * What `lsblk -J` would have printed, made of `lsblk -P`: one line for each place of a device in the tree, after the
 * line of its parent.
 *
 *     NAME="sdo" KNAME="sdo" … WWN="0x600507638081046d" … PKNAME="" SERIAL="600507638081046dd800000000000043"
 *     NAME="3600507638081046dd800000000000043" KNAME="dm-8" … TYPE="mpath" … PKNAME="sdo" SERIAL=""
 */
export function reportOfPairs(output: CommandOutput, note: Note = ignored): CommandOutput {
  const blockdevices: Device[] = [];
  const latest = new Map<string, Device>();
  const parents = new Map<string, string>();
  const lines = linesOf(output.stdout).filter((each) => each.trim() !== "");
  const take = (line: string): [] => {
    const columns = columnsOf(line.trim());
    const { kname, pkname, wwn, serial } = columns;
    const siblings = pkname ? latest.get(pkname)?.children : blockdevices;
    if (siblings === undefined) throw new OutputNotUnderstood("lsblk", line, "a device after its parent");
    const device = { columns: { ...columns, wwn: wholeWwn(wwn, serial) }, children: [] };
    siblings.push(device);
    if (kname) latest.set(kname, device);
    if (kname && pkname) parents.set(kname, pkname);
    return [];
  };
  eachUnderstood(lines, take, (line) => namesIn(line, parents), note);
  return { ...output, stdout: JSON.stringify({ blockdevices: blockdevices.map(row) }) };
}

/** Each part has whole trees: of a device without a parent, and of all that stands on it. */
export const beforeRoots = beforeLines((line) => line.includes('PKNAME=""'));

/** The device of an odd line, and those that it stands on: it may be what uses them. */
function namesIn(line: string, parents: ReadonlyMap<string, string>): string[] | null {
  const named = Array.from(line.matchAll(/\b(?:NAME|KNAME|PKNAME)="([^"]+)"/g), ([, name = ""]) => name);
  const names = new Set(named);
  for (const name of names) {
    const parent = parents.get(name);
    if (parent !== undefined) names.add(parent);
  }
  const isPlaced = /\bPKNAME="/.test(line);
  return names.size === 0 || !isPlaced ? null : [...names];
}

type Columns = Readonly<Record<string, string | null>>;
interface Device {
  readonly columns: Columns;
  readonly children: Device[];
}

const row = ({ columns, children }: Device): unknown => ({ ...columns, children: children.map(row) });

function columnsOf(line: string): Columns {
  if (!/^[A-Z:-]+="[^"]*"( [A-Z:-]+="[^"]*")*$/.test(line)) {
    throw new OutputNotUnderstood("lsblk", line, 'NAME="…" KNAME="…" …');
  }
  const pairs = line.matchAll(/([A-Z:-]+)="([^"]*)"/g);
  return Object.fromEntries(
    Array.from(pairs, ([, name = "", value = ""]) => [name.toLowerCase(), withoutHexEscapes(value) || null]),
  );
}

/**
 * Of a name of 16 bytes (NAA 6) old versions print the first half only, which the LUNs of an array share. SERIAL,
 * udev's ID_SERIAL_SHORT, is the whole name.
 */
function wholeWwn(wwn: string | null | undefined, serial: string | null | undefined): string | null {
  const isHalf = /^0x6[0-9a-f]{15}$/.test(wwn ?? "");
  const whole = `0x${serial ?? ""}`;
  return isHalf && /^0x[0-9a-f]{32}$/.test(whole) && whole.startsWith(wwn ?? "") ? whole : (wwn ?? null);
}
