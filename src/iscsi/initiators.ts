import type { Host } from "../core/inventory.ts";
import { type Inline, linesPart, type Part } from "../core/reply.ts";
import { few, type SharedFact, sharedFacts } from "../core/shared-facts.ts";

interface Initiator {
  readonly host: Host;
  readonly initiator: string | null;
}

/** Up to so many are lines; more are a table. */
export const MOST_LINES = 6;

/** The name of each host, which is its own. Hosts without one are together, and so are hosts that have the same one. */
export function initiatorParts(caption: string, all: readonly Initiator[], none: string): Part[] {
  const facts = sharedFacts(
    all,
    ({ host }) => host.name,
    ({ initiator }) => initiator ?? none,
  );
  const isOwn = ({ items, names }: SharedFact<Initiator>) => names.length === 1 || items[0].initiator === null;
  const same = facts.filter((each) => !isOwn(each));
  const lines = facts.map(({ fact, names }): Inline[] => [{ bold: few(names) }, ` ${fact}`]);
  const warnings = same.map(
    ({ fact, names }): Part => ({
      kind: "text",
      tone: "warning",
      text: `${few(names)} have the same initiator name ${fact}. Give each host its own.`,
    }),
  );
  if (lines.length === 0) return [];
  if (lines.length <= MOST_LINES) return [...warnings, linesPart(caption, lines)];
  return [
    ...warnings,
    {
      kind: "table",
      caption,
      columns: ["hosts", "initiator"],
      rows: facts.map(({ fact, names }) => [few(names), fact]),
    },
  ];
}
