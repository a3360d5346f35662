import type { Evidence } from "../evidence.ts";
import { unansweredActions } from "./actions.ts";
import { falseClaims } from "./claims.ts";
import { confirmedElsewhere } from "./confirmations.ts";
import { unconfirmedDestruction } from "./destruction.ts";
import { missingEnds } from "./ends.ts";
import { ownTrouble } from "./own-trouble.ts";
import { wrongRecords } from "./records.ts";
import { untrueState } from "./state.ts";

/** What is not as promised; empty where all is. */
export function judge(evidence: Evidence): string[] {
  // Without a log that can be read there is nothing to compare with.
  if (evidence.isBroken) return [...evidence.damage];
  return [
    ...unconfirmedDestruction(evidence),
    ...confirmedElsewhere(evidence),
    ...falseClaims(evidence),
    ...untrueState(evidence),
    ...missingEnds(evidence),
    ...unansweredActions(evidence),
    ...wrongRecords(evidence),
    ...ownTrouble(evidence),
  ];
}
