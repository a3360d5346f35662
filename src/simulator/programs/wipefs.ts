import { basename } from "node:path";
import { eraseSignatures } from "../san/content.ts";
import { isBusy } from "../san/host-view.ts";
import { type Options, readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import type { SanSignature } from "../san/san-state.ts";
import { probeAgain } from "../san/udev-memory.ts";
import { signaturesInCopy } from "./dd.ts";
import { openDevice } from "./disk-contents.ts";
import { findFile, writeFile } from "./file-tree.ts";

const columns: Readonly<Record<string, (device: string, signature: SanSignature) => string | null>> = {
  DEVICE: (device) => basename(device),
  OFFSET: (_device, signature) => `0x${signature.offsetBytes.toString(16)}`,
  TYPE: (_device, signature) => signature.type,
  UUID: (_device, signature) => signature.uuid,
  LABEL: (_device, signature) => signature.label,
  USAGE: (_device, { type }) => usageOf(type),
  LENGTH: (_device, signature) => String(signature.magic.length / 2),
};

function usageOf(type: string): string {
  if (["gpt", "PMBR", "dos", "aix", "sun", "sgi", "bsd", "mac", "atari"].includes(type)) return "partition-table";
  return /^LVM|_raid_member$/.test(type) ? "raid" : type === "swap" ? "other" : "filesystem";
}

const help = `
Usage:
 wipefs [options] <device>

Wipe signatures from a device.

Options:
 -a, --all           wipe all magic strings (BE CAREFUL!)
 -b, --backup        create a signature backup in $HOME
 -f, --force         force erasure
 -i, --noheadings    don't print headings
 -J, --json          use JSON output format
 -n, --no-act        do everything except the actual write() call
 -O, --output <list> COLUMNS to display (see below)
`;

export const wipefs: Program = (args, place) => {
  const options = readOptions(
    args,
    {
      all: "flag",
      "no-act": "flag",
      backup: "optional value",
      force: "flag",
      json: "flag",
      output: "value",
      noheadings: "flag",
      help: "flag",
    },
    { a: "all", n: "no-act", b: "backup", f: "force", J: "json", O: "output", i: "noheadings", h: "help" },
  );
  if (options.given.has("help")) return printed(help);
  const [path] = options.operands;
  if (options.complaint !== null || path === undefined) {
    const complaint = options.complaint ?? "no device specified";
    return complained(`wipefs: ${complaint}\nTry 'wipefs --help' for more information.\n`);
  }
  const copy = copiedSignatures(path, place);
  if (copy !== null && !options.given.has("all")) return list(path, copy, options);
  const opened = openDevice(path, place);
  if ("error" in opened) return complained(`wipefs: error: ${path}: probing initialization failed: ${opened.error}\n`);
  const signatures = opened.content?.signatures ?? [];
  if (!options.given.has("all")) return list(path, signatures, options);
  // An exclusive open, even with --no-act, which writes nothing.
  if (isBusy(opened.device) && !options.given.has("force")) {
    return complained(`wipefs: error: ${path}: probing initialization failed: Device or resource busy\n`);
  }
  return erase(path, opened.device.wwid, signatures, options, place);
};

/** Of a file that dd copied from a disk; null if there is no file. */
function copiedSignatures(path: string, { host }: Place): readonly SanSignature[] | null {
  const file = findFile(host, path);
  return file === null ? null : signaturesInCopy(file.content);
}

function list(path: string, signatures: readonly SanSignature[], options: Options): Result {
  const names = (options.given.get("output") ?? "DEVICE,OFFSET,TYPE,UUID,LABEL").split(",");
  const unknown = names.find((name) => !(name in columns));
  if (unknown !== undefined) return complained(`wipefs: unknown column: ${unknown}\n`);
  const rows = signatures.map((signature) => names.map((name) => columns[name]?.(path, signature) ?? null));
  if (options.given.has("json")) {
    const objects = rows.map((row) => {
      const fields = row.map((value, index) => `         "${names[index]?.toLowerCase()}": ${JSON.stringify(value)}`);
      return `{\n${fields.join(",\n")}\n      }`;
    });
    return printed(`{\n   "signatures": [\n${objects.length > 0 ? `      ${objects.join(",")}` : ""}\n   ]\n}\n`);
  }
  if (rows.length === 0) return printed("");
  const table = options.given.has("noheadings") ? rows : [names, ...rows];
  const widths = names.map((_name, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  return printed(
    table.map((row) => `${row.map((value, column) => (value ?? "").padEnd(widths[column] ?? 0)).join(" ")}\n`).join(""),
  );
}

function erase(
  path: string,
  wwid: string | null,
  signatures: readonly SanSignature[],
  options: Options,
  place: Place,
): Result {
  const home = options.given.get("backup") || place.environment.HOME || "/";
  let stdout = "";
  for (const signature of signatures) {
    const { offsetBytes, type, magic } = signature;
    const offset = `0x${offsetBytes.toString(16).padStart(8, "0")}`;
    if (options.given.has("backup")) {
      const file = `${home}/wipefs-${basename(path)}-${offset}.bak`;
      const error = writeFile(place, file, Buffer.from(magic, "hex").toString("latin1"));
      if (error !== null)
        return { stdout, stderr: `wipefs: ${file}: failed to create a signature backup: ${error}\n`, exitCode: 1 };
    }
    const bytes = magic.match(/../g)?.join(" ") ?? "";
    stdout += `${path}: ${magic.length / 2} bytes were erased at offset ${offset} (${type}): ${bytes}\n`;
  }
  if (!options.given.has("no-act") && wwid !== null && signatures.length > 0) {
    const lun = place.san.lun(wwid);
    lun.content = eraseSignatures(lun.content, () => true);
    probeAgain(place.san, place.host, wwid);
    place.san.forgetLostVolumeGroups();
    place.san.changed();
    if (signatures.some((signature) => ["gpt", "dos"].includes(signature.type))) {
      stdout += `${path}: calling ioctl to re-read partition table: Invalid argument\n`;
    }
  }
  return printed(stdout);
}
