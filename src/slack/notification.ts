import { counted } from "../core/counted.ts";
import { type Reply, taskText, textOf, wordsOf } from "../core/reply.ts";
import { visible, visibleLines } from "../text/visible.ts";
import { room } from "./limits.ts";
import { marks } from "./parts.ts";
import { cut, escaped } from "./text.ts";

/** The title and the texts. Of a table only its caption and its number of rows. */
export function notificationOf(reply: Reply): string {
  const lines = [
    reply.title,
    ...reply.parts.flatMap((part): string[] => {
      if (part.kind === "text") return [textOf(part.text)];
      if (part.kind === "fields") return part.fields.map(([label, value]) => `${label}: ${textOf(value)}`);
      if (part.kind === "tasks") return [part.title, ...part.tasks.map(taskText)];
      if (part.kind === "chart") return [textOf(part.takeaway)];
      if (part.kind === "table")
        return [`${part.caption ?? part.columns[0] ?? ""}: ${counted(part.rows.length, "row")}`];
      return [];
    }),
    ...(reply.next.length > 0
      ? [`Type next: ${reply.next.map((step) => `/zstack ${wordsOf(step)}`).join(" · ")}`]
      : []),
  ];
  const mark = marks[reply.tone];
  let text = "";
  for (const [index, whole] of lines.entries()) {
    // What is cut here is too long for a notification in any case.
    const line = cut(whole, 3 * room.notification);
    const shown = `${index === 0 ? mark : ""}${escaped(visibleLines(line).join("\n"))}`;
    if (text.length + 1 + shown.length > room.notification) return text === "" ? mark + firstOf(line) : `${text}\n…`;
    text = text === "" ? shown : `${text}\n${shown}`;
  }
  return text.trim() === "" ? "–" : text;
}

/** The beginning of a long line. It is cut before it is escaped, so that no escape of five characters is cut in two. */
export const firstOf = (line: string): string =>
  escaped(cut(visible(cut(line, room.notification)), Math.floor(room.notification / 5)));
