/**
 * What a tool can plausibly print. One maximum holds for all reads of a host: some 10,000 paths (what Red Hat supports), at
 * most as many maps, and as many volumes. What is longer, or nested deeper, was not printed by the tool.
 */
export interface Limits {
  /** Of standard output and standard error together. */
  readonly bytes: number;
  readonly lines: number;
  /** How deep brackets are nested; 0 for none. */
  readonly depth: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** For one value, or one file of some lines. */
export const ONE: Limits = { bytes: 64 * KiB, lines: 1_000, depth: 0 };

/** For what a tool says of itself, of one disk or of one service. */
export const FEW: Limits = { bytes: MiB, lines: 20_000, depth: 0 };

/** For a line or some about each of 10,000 objects. */
export const MANY: Limits = { bytes: 8 * MiB, lines: 100_000, depth: 0 };

/** 10,000 paths, each in a line of its own, and at worst as many maps with some lines each. */
export const MAPS: Limits = { bytes: 8 * MiB, lines: 100_000, depth: 0 };

/** LVM's JSON: a list in a report in a list, and a row for each of 10,000 objects. */
export const REPORT: Limits = { ...MANY, depth: 8 };

/** One VM's definition has some kilobytes; with hundreds of backing files behind dozens of disks it has some hundred. */
export const LONGEST_DEFINITION = MiB;

/** The definitions of a batch of VMs, each twice. The longest chain of backing files has some 200 levels with two elements each. */
export const DEFINITIONS: Limits = { bytes: 16 * MiB, lines: 400_000, depth: 512 };

/** 10,000 paths with their maps and the devices on them, as JSON with a line for each value. The longest stack of devices has some ten levels, two brackets each. */
export const TREE: Limits = { bytes: 16 * MiB, lines: 800_000, depth: 64 };

/** The signatures of one disk, as JSON. */
export const SIGNATURES: Limits = { ...FEW, depth: 8 };

/** Settings in sections: `overrides { protocol { … } }`. */
export const SETTINGS: Limits = { ...FEW, depth: 8 };

export const inUnits = (bytes: number): string =>
  bytes >= MiB ? `${Math.round((bytes / MiB) * 10) / 10} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
