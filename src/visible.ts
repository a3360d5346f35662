// C0 and C1 controls, line separators, zero-width and direction characters, and halves of surrogate pairs.
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;
const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One line in which everything can be seen: what drives a terminal, or makes a text look like another, is escaped. */
export const visible = (text: string): string =>
  text.replace(
    unseen,
    (character) => named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** As `visible`, for text of several lines: its line breaks stay, and a tab becomes spaces. */
export const visibleLines = (text: string): string[] =>
  text.split(/\r?\n/).map((line) => visible(line.replaceAll("\t", "    ")));
