/** A complete log, and what its signatures say. */
export interface WholeLog {
  readonly kind: "whole";
  /** The number of the first entry: earlier files may be elsewhere. */
  readonly firstId: number;
  /** The number of the last entry; 0 if there is none. */
  readonly entries: number;
  readonly lastHash: string | null;
  readonly checkpoints: number;
  /** The last entry that is signed, by itself or through a later one. 0: none. */
  readonly signedTo: number;
  /** The fingerprints of the keys that signed, the oldest first. */
  readonly keys: readonly string[];
}

/** The first entry that does not fit. */
export interface BrokenLog {
  readonly kind: "broken";
  readonly path: string;
  readonly line: number;
  /** The number of the entry in this line; null: it is a line of another file. */
  readonly entry: number | null;
  readonly problem: string;
}
export type AuditVerdict = WholeLog | BrokenLog;
