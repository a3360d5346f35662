/**
 * What a tool can honestly print. A host has at most some 10,000 paths (what Red Hat supports) and as many volumes; what
 * is longer, or nested deeper, was not printed by the tool.
 */
export interface Limits {
  /** Of standard output and standard error together. */
  readonly bytes: number;
  /** Lines, or objects of a report. */
  readonly rows: number;
}

/** For what a tool says of itself, of one disk or of one service. */
export const FEW: Limits = { bytes: 1024 * 1024, rows: 20_000 };

export const inUnits = (bytes: number): string =>
  bytes >= 1024 * 1024 ? `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
