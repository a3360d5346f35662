/**
 * The maximum that a tool can plausibly print. All reads of a host have the same maximum: 10,000 paths (the limit that
 * Red Hat supports), as many maps and as many volumes. If an output is longer or nested deeper, the tool did not print
 * it.
 */
export interface Limits {
  /** Standard output and standard error together. */
  readonly bytes: number;
  readonly lines: number;
  /** The maximum depth of nested brackets; 0 if there are none. */
  readonly depth: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** One value, or one file of a few lines. */
export const ONE: Limits = { bytes: 64 * KiB, lines: 1_000, depth: 0 };

/** A tool's output about itself, one disk or one service. */
export const FEW: Limits = { bytes: MiB, lines: 20_000, depth: 0 };

/** A few lines about each of 10,000 objects. */
export const MANY: Limits = { bytes: 8 * MiB, lines: 100_000, depth: 0 };

/** 10,000 paths with one line each, and at most as many maps with a few lines each. */
export const MAPS: Limits = { bytes: 8 * MiB, lines: 100_000, depth: 0 };

/** LVM's JSON: a list in a report in a list, with a row for each of 10,000 objects. */
export const REPORT: Limits = { ...MANY, depth: 8 };

/**
 * The definition of one VM. It has some kilobytes, and some hundred with hundreds of backing files behind dozens of
 * disks.
 */
export const LONGEST_DEFINITION = MiB;

/**
 * The definitions of a batch of VMs, each twice. The longest chain of backing files has about 200 levels of two
 * elements.
 */
export const DEFINITIONS: Limits = { bytes: 16 * MiB, lines: 400_000, depth: 512 };

/**
 * 10,000 paths with their maps and the devices on them, as JSON with one value a line. The longest stack of devices has
 * about ten levels of two brackets.
 */
export const TREE: Limits = { bytes: 16 * MiB, lines: 800_000, depth: 64 };

/** The signatures of one disk, as JSON. */
export const SIGNATURES: Limits = { ...FEW, depth: 8 };

/** Settings in sections: `overrides { protocol { … } }`. */
export const SETTINGS: Limits = { ...FEW, depth: 8 };

export const inUnits = (bytes: number): string =>
  bytes >= MiB ? `${Math.round((bytes / MiB) * 10) / 10} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
