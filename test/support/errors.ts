import { expect } from "vitest";
import { errorLines, type OperatorError, type Reason, reasonText } from "../../src/core/refusal.ts";
import { type Reply, wordsOf } from "../../src/core/reply.ts";

/** Matches an error by a part of what a person reads of it. */
export const errorSaying = (words: string) =>
  expect.toSatisfy((error: OperatorError) => errorLines(error).join("\n").includes(words));

/** The commands that an error says to send, as buttons and people would: fixes first. */
export const suggestedBy = ({ error, next }: Reply): string[] => [
  ...(error?.fixes ?? []).flatMap((fix) => (typeof fix === "string" ? [] : [fix.run])),
  ...next.map(wordsOf),
];

/** Reasons as lines, with their fixes. */
export const textsOf = (reasons: readonly Reason[]): string[] => reasons.map(reasonText);
