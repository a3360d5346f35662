import type { Evidence } from "../evidence.ts";
import { falseClaims } from "./claims.ts";
import { unconfirmedDestruction } from "./destruction.ts";
import { untoldEnds } from "./ends.ts";
import { unansweredGestures } from "./gestures.ts";
import { ownTrouble } from "./own-trouble.ts";
import { wrongRecords } from "./records.ts";
import { untrueState } from "./state.ts";

/** What is not as promised; empty where all is. */
export const judge = (evidence: Evidence): string[] => [
  ...unconfirmedDestruction(evidence),
  ...falseClaims(evidence),
  ...untrueState(evidence),
  ...untoldEnds(evidence),
  ...unansweredGestures(evidence),
  ...wrongRecords(evidence),
  ...ownTrouble(evidence),
];
