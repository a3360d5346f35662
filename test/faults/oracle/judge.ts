import type { Evidence } from "../evidence.ts";
import { unansweredActions } from "./actions.ts";
import { falseAlarms, missedAlarms } from "./alarms.ts";
import { falseClaims } from "./claims.ts";
import { confirmedElsewhere } from "./confirmations.ts";
import { unconfirmedDestruction } from "./destruction.ts";
import { missingEnds } from "./ends.ts";
import { begunWhileFrozen } from "./frozen.ts";
import { ownTrouble } from "./own-trouble.ts";
import { wrongRecords } from "./records.ts";
import { unapprovedChanges } from "./second-people.ts";
import { untrueState } from "./state.ts";
import { stepsAfterStop } from "./stops.ts";
import { actsNotLogged, doneWithoutRole } from "./unentitled.ts";

/** The promises that do not hold; empty if all hold. */
export function judge(evidence: Evidence): string[] {
  // Without a readable log nothing can be compared.
  if (evidence.isBroken) return [...evidence.damage];
  return [
    ...unconfirmedDestruction(evidence),
    ...confirmedElsewhere(evidence),
    ...unapprovedChanges(evidence),
    ...begunWhileFrozen(evidence),
    ...stepsAfterStop(evidence),
    ...doneWithoutRole(evidence),
    ...actsNotLogged(evidence),
    ...falseClaims(evidence),
    ...untrueState(evidence),
    ...missingEnds(evidence),
    ...unansweredActions(evidence),
    ...wrongRecords(evidence),
    ...ownTrouble(evidence),
    ...falseAlarms(evidence),
    ...missedAlarms(evidence),
  ];
}
