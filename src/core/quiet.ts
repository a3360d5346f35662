import type { Part, Text } from "./reply.ts";

/** The parts of a list or a history: each person is shown and not mentioned, because a mention notifies. */
export const quietParts = (parts: readonly Part[]): Part[] =>
  parts.map((part) => {
    if (part.kind === "text") return { ...part, text: quietText(part.text) };
    if (part.kind !== "fields") return part;
    return { ...part, fields: part.fields.map(([label, value]) => [label, quietText(value)] as const) };
  });

const quietText = (text: Text): Text =>
  typeof text === "string"
    ? text
    : text.map((inline) => (typeof inline === "object" && "person" in inline ? { ...inline, isQuiet: true } : inline));
