import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { type Contents, signatureLine } from "./contents.ts";
import type { Lun, LunOnHost } from "./lun.ts";

/** A LUN that will become a shared block, with what every host reads from it. */
export interface Candidate {
  readonly lun: Lun;
  /** As hosts of other clusters see it. They may use it too. */
  readonly elsewhere: readonly LunOnHost[];
  /** The hosts that were asked whether it is in use. The guards ask them again. */
  readonly asked: AskedHosts;
  readonly contents: readonly Contents[];
  /**
   * The content, one line a signature, as the first host reads it. contentReasons checks that all hosts read the same.
   */
  readonly signatureLines: readonly string[];
  readonly blank: boolean;
  /** Whether all content was written after our claim, so that it comes from our interrupted try. */
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

/** A host that could not be asked whether it uses a LUN. A person confirms that it does not. */
export interface UnaskedHost {
  readonly host: Host;
  /** Name of its cluster. */
  readonly cluster: string;
  readonly why: string;
}

/** The hosts that a plan asked whether LUNs are in use. The guards of its steps ask each of them again. */
export interface AskedHosts {
  readonly asked: readonly Host[];
  readonly unasked: readonly UnaskedHost[];
}
