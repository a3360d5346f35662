import type { Host } from "../../core/inventory.ts";
import type { Part } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";

interface LeftOut {
  readonly host: Host;
  readonly why: string;
}

/** Hosts on which a change does nothing: a line for each reason. */
export const leftOutParts = (all: readonly LeftOut[]): Part[] =>
  sharedFacts(
    all,
    ({ host }) => host.name,
    ({ why }) => why,
  ).map(({ names, fact }): Part => ({ kind: "text", text: `Left out: ${few(names)}: ${fact}`, tone: "warning" }));
