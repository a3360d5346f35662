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
    {
      kind: "text",
      text: [...error.reasons.map((each) => `• ${each}\n`), ...error.fixes.flatMap(fixLine).slice(0, -1)],
    },
    ...parts,
  ],
  next: error.next,
  error,
  ...more,
});

function fixLine(fix: OperatorError["fixes"][number]): Inline[] {
  if (typeof fix === "string") return [`Fix: ${fix}`, "\n"];
  const before = fix.after === undefined ? "Fix: " : `Fix: ${fix.after}, then `;
  return [before, { code: `/zstack ${fix.run}` }, "\n"];
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
