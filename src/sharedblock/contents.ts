import type { Facts } from "../core/command.ts";
import type { Host } from "../core/inventory.ts";
import type { Signature } from "../core/storage.ts";
import { type Blankness, listSignatures, readBlankness } from "../host/signatures.ts";
import { problemsOf } from "./look.ts";
import { devicePath, type Lun } from "./lun.ts";

/** What lies on a LUN as one host reads it from the disk itself, in one more round trip. */
export interface Contents {
  readonly host: Host;
  readonly signatures: readonly Signature[];
  /** Whether the first 4 MiB are all zero: "no signature" is not "blank". null where it could not be read. */
  readonly blankness: Blankness | null;
  readonly problems: readonly string[];
}

/** Every host reads the LUN: one that reads something else sees another disk, or a stale cache. */
export const readContents = (lun: Lun, facts: Facts): Promise<Contents[]> =>
  Promise.all(
    lun.on.map(async (on) => {
      const device = devicePath(lun.wwid, on);
      const reads = { signatures: listSignatures(device), blankness: readBlankness(device) };
      const seen = await facts.gather(on.host, reads);
      return {
        host: on.host,
        signatures: seen.signatures.kind === "done" ? seen.signatures.value : [],
        blankness: seen.blankness.kind === "done" ? seen.blankness.value : null,
        problems: problemsOf(reads, seen),
      };
    }),
  );

/** One line a signature: `LVM2_member zUbBDF-… at 536`, as it is shown, compared and recorded. */
export function signatureLine(signature: Signature): string {
  const label = signature.label === null ? "" : ` "${signature.label}"`;
  const uuid = signature.uuid === null ? "" : ` ${signature.uuid}`;
  return `${signature.type}${label}${uuid} at byte ${signature.offsetBytes}`;
}

export const isPartitionTable = (signature: Signature): boolean =>
  ["gpt", "PMBR", "dos", "mbr", "sun", "bsd", "mac", "sgi", "atari", "ultrix", "unixware", "minix_pt"].includes(
    signature.type,
  );
