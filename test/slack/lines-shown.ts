/** Blocks as the lines that a person sees on a phone. Of a collapsed block only the title is seen. */

/** About the number of characters in a line of 375 pixels. */
const LINE_CHARACTERS = 40;

interface Loose {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A long line takes several lines of the screen. */
export const linesShown = (blocks: readonly object[]): string[] =>
  (blocks as readonly Loose[])
    .flatMap(linesOf)
    .flatMap((line) => (widthOf(line) <= LINE_CHARACTERS ? [line] : wrappedLines(line)));

/** Bold is in asterisks here. People, times and small text are shown shorter than they are written. */
const widthOf = (text: string): number =>
  text
    .replaceAll("*", "")
    .replaceAll(/<!date[^|]*\|([^>]*)>/g, "$1")
    .replaceAll(/<@\w+>/g, "@alice").length;

/** All text of blocks, also of collapsed ones. */
export const textShown = (blocks: readonly object[]): string =>
  (blocks as readonly Loose[])
    .flatMap((block) =>
      block.type === "container" ? [...linesOf(block), textShown(listOf(block.child_blocks))] : linesOf(block),
    )
    .join("\n");

const listOf = (value: unknown): readonly Loose[] => (Array.isArray(value) ? value : []);

function linesOf(block: Loose): string[] {
  switch (block.type) {
    case "rich_text":
      return listOf(block.elements).flatMap((element) => inlineText(element.elements).split("\n"));
    case "actions":
      return [
        listOf(block.elements)
          .map((element) => `[${textOf(element.text)}]`)
          .join(" "),
      ];
    case "context":
      return [
        listOf(block.elements)
          .map((element) => textOf(element))
          .join(" "),
      ];
    case "table":
    case "data_table":
      return (Array.isArray(block.rows) ? (block.rows as Loose[][]) : []).map((row) => row.map(textOf).join(" | "));
    case "container":
      return [`▸ ${textOf(block.title)}`];
    case "plan":
      return [
        String(block.title),
        ...listOf(block.tasks).map(({ title, details }) => [title, inlineOf(details)].join(" ")),
      ];
    default:
      return [textOf(block.text)];
  }
}

const inlineOf = (block: unknown): string =>
  typeof block === "object" && block !== null ? linesOf(block as Loose).join(" ") : "";

const textOf = (value: unknown): string =>
  typeof value === "object" && value !== null && "text" in value ? String(value.text) : "";

/** Bold text in asterisks. */
const inlineText = (elements: unknown): string =>
  listOf(elements)
    .map((element) => {
      const text = String(element.text ?? element.fallback ?? element.user_id ?? "");
      const { style } = element;
      return typeof style === "object" && style !== null && "bold" in style ? `*${text}*` : text;
    })
    .join("");

/** As a browser breaks a line: between words, and inside a long word. */
function wrappedLines(line: string): string[] {
  const lines: string[] = [""];
  for (const word of line
    .split(" ")
    .flatMap((each) => each.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "gu")) ?? [""])) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (widthOf(`${last} ${word}`) <= LINE_CHARACTERS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
