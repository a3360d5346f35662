const narrow = /^[\u0020-\u10ff]*$/;
const mark = /\p{Mark}/u;
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** How many columns of a terminal a text takes: Chinese characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  if (narrow.test(text) && !mark.test(text)) return text.length;
  let width = 0;
  for (const character of text) if (!mark.test(character)) width += wide.test(character) ? 2 : 1;
  return width;
}

export const padded = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - displayWidth(text)));

/** Breaks a line between words. A word longer than the width stays whole: an identity must be copied in one piece. */
export function wrapped(line: string, width: number): string[] {
  if (displayWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = "";
  let used = 0;
  for (const word of line.split(" ")) {
    const needed = displayWidth(word);
    if (current !== "" && used + 1 + needed > width) {
      lines.push(current);
      current = word;
      used = needed;
    } else {
      current = current === "" ? word : `${current} ${word}`;
      used += (used === 0 ? 0 : 1) + needed;
    }
  }
  return [...lines, current];
}
