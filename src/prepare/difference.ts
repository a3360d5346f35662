import { check } from "../core/check.ts";
import type { ReadCommand } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import type { Stage } from "../core/plan.ts";
import { Refusal } from "../core/refusal.ts";
import type { Part } from "../core/reply.ts";
import { few, sharedFacts } from "../core/shared-facts.ts";
import type { Step } from "../core/step.ts";

/** One thing on one host that must be changed. */
export interface Difference {
  readonly host: Host;
  readonly what: string;
  readonly now: string;
  readonly wanted: string;
  /** The steps that change and verify it, in order. Empty if packages must be installed first. */
  readonly steps: readonly Step[];
}

/** A difference that is only shown. Nothing changes it before packages are installed. */
export const afterPackages = (difference: Difference): Difference => ({
  ...difference,
  wanted: `${difference.wanted}, once the packages are installed`,
  steps: [],
});

/** Equal differences make one line, so a cluster of a hundred new hosts needs few lines. */
export function differenceTable(differences: readonly Difference[]): Part {
  const rows = sharedFacts(
    differences,
    ({ host }) => host.name,
    ({ what, now, wanted }) => JSON.stringify([what, now, wanted]),
  );
  return {
    kind: "table",
    compared: true,
    caption: "What differs",
    columns: ["what", "now", "then", "hosts"],
    rows: rows.map(({ names, items: [{ what, now, wanted }] }) => [what, now, wanted, few(names)]),
  };
}

/** Each host runs alone, so an error on one host does not stop the others. */
export const differenceStage = (title: string, differences: readonly Difference[]): Stage => ({
  kind: "hosts",
  title,
  steps: differences.flatMap(({ steps }) => steps),
  eachHostAlone: true,
});

/** Verifies that a file has the text that was written. */
export const hasText = (read: ReadCommand<string | null>, path: string, text: string) =>
  check(read, (now) => (now === text ? null : `has another text in ${path} than was written`));

/** Why the reader of a file rejects it, with the file's host. */
export function namingHost<T>(host: Host, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) throw error.on(host.name);
    throw error;
  }
}
