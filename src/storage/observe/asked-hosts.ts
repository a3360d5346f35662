import type { Host } from "../../core/inventory.ts";

/** A host that could not be asked whether it uses a LUN, and that a person vouches for. */
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
