import { type FixLine, fixLines, fixTexts, type OperatorError } from "./refusal.ts";
import { type Inline, type Part, type Reply, withCommands } from "./reply.ts";

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
      text: [...error.reasons.map((each) => `• ${each}\n`), ...fixLines(error.fixes).flatMap(inlineOf).slice(0, -1)],
    },
    ...parts,
  ],
  next: error.next,
  error,
  ...more,
});

const inlineOf = ({ before, run }: FixLine): Inline[] => [
  ...withCommands(before),
  ...(run === null ? [] : [{ code: `/zstack ${run}` }]),
  "\n",
];

/** An error as a note in another message: code and object, then its reasons and fixes, each on its own line. */
export const errorNote = ({ code, headline, reasons, fixes }: OperatorError): Part => ({
  kind: "text",
  tone: "warning",
  text: [
    { bold: code },
    `  ${headline}`,
    ...reasons.map((each) => `\n• ${each}`),
    ...fixTexts(fixes).map((line) => `\n${line}`),
  ],
});
