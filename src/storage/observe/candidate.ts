import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { type Contents, signatureLine } from "./contents.ts";
import type { Lun, LunOnHost } from "./lun.ts";

/** A LUN that is going to be a shared block, with what every host reads from it. */
export interface Candidate {
  readonly lun: Lun;
  /** As hosts of other clusters see it: they may use it too. */
  readonly elsewhere: readonly LunOnHost[];
  /** Who was asked whether it is in use; the guards ask again. */
  readonly asked: AskedHosts;
  readonly contents: readonly Contents[];
  /** What is on it, one line a signature, as the first host reads it; contentReasons sees to it that all read the same. */
  readonly signatureLines: readonly string[];
  readonly blank: boolean;
  /** Whether all that is on it came there after we had claimed it: the rest of our own interrupted try. */
  readonly leftByUs: boolean;
}

export function candidateOf(
  lun: Lun,
  elsewhere: readonly LunOnHost[],
  asked: AskedHosts,
  contents: readonly Contents[],
  storage: PrimaryStorage,
): Candidate {
  const signatureLines = contents[0]?.signatures.map(signatureLine) ?? [];
  const claimed = storage.sharedBlocks.find((block) => block.wwid === lun.wwid);
  const isOurs = (line: string) => line.startsWith("LVM2_member") && claimed?.heldWhenClaimed.includes(line) === false;
  return {
    lun,
    elsewhere,
    asked,
    contents,
    signatureLines,
    blank: signatureLines.length === 0 && contents.every((each) => each.blankness?.blank === true),
    leftByUs: claimed !== undefined && signatureLines.every(isOurs) && signatureLines.length > 0,
  };
}

/** A host that could not be asked whether it uses a LUN. A person confirms that it has no part in it. */
export interface UnaskedHost {
  readonly host: Host;
  /** Name of its cluster. */
  readonly cluster: string;
  readonly why: string;
}

/** Who was asked for a plan whether LUNs are in use. The guards of its steps ask each of them again. */
export interface AskedHosts {
  readonly asked: readonly Host[];
  readonly unasked: readonly UnaskedHost[];
}
