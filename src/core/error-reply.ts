import { fixText, type OperatorError } from "./refusal.ts";
import type { Inline, Part, Reply } from "./reply.ts";

/** An error as an answer: code and object first, then the reasons, one line each, then each fix on its own line. */
export const errorReply = (
  error: OperatorError,
  { parts = [], ...more }: Partial<Pick<Reply, "tone" | "parts" | "foot" | "asked">> = {},
): Reply => ({
  title: `${error.code}  ${error.headline}`,
  tone: "bad",
  parts: [
    ...error.reasons.map((each): Part => ({ kind: "text", text: `• ${each}` })),
    ...error.fixes.map(fixPart),
    ...parts,
  ],
  next: error.next,
  error,
  ...more,
});

function fixPart(fix: OperatorError["fixes"][number]): Part {
  if (typeof fix === "string") return { kind: "text", text: `Fix: ${fix}` };
  const before: Inline = fix.after === undefined ? "Fix: " : `Fix: ${fix.after}, then `;
  return { kind: "text", text: [before, { code: `/zstack ${fix.run}` }] };
}

/** An error as a note in another message: code and object, then its reasons and fixes, each on its own line. */
export const errorNote = ({ code, headline, reasons, fixes }: OperatorError): Part => ({
  kind: "text",
  tone: "warning",
  text: [
    { bold: code },
    `  ${headline}`,
    ...reasons.map((each) => `\n• ${each}`),
    ...fixes.map((fix) => `\nFix: ${fixText(fix)}`),
  ],
});
