/** Text that may precede a command, if it was copied from a message or written to a person. */
const before = [
  />\s*/, // a quoted line
  /(?:[•◦▪‣·*]|-{1,2}|\d{1,2}[.)])\s+/, // an item of a list
  /[:,;]+\s*/, // `@zstack: …`
  /[/@]?zstack(?:-[\w-]+)?(?:[:,]|(?=\s|$))\s*/i,
  /\$\s+/, // a shell's prompt
  /(?:type next|next|fix|usage|example)\s*:\s+|type next\s+/i,
].map((part) => new RegExp(`^(?:${part.source})`, part.flags));

/** Marks that may enclose a command: code, bold, italic, struck out, quotes. A command's own name is never quoted. */
const around = [
  /^```(?:\w*\n)?([^`]+)```$/,
  /^`([^`]+)`[.,;:!?]?$/,
  /^\*(\S(?:[^*]*\S)?)\*$/,
  /^_(\S(?:.*\S)?)_$/s,
  /^~(\S(?:[^~]*\S)?)~$/,
  /^"([^"]+)"$/,
  /^'([^']+)'$/,
];

/** The command without what was copied with it from a message: `> • /zstack lun list cluster-1`, in code or in bold. */
export function copied(text: string): string {
  let words = text.trim();
  for (;;) {
    const less = peeled(words);
    if (less === words) return withoutMarkup(words);
    words = less;
  }
}

/** Text in quotes does not change. */
const QUOTED = /(?<=^|[\s=])(?:"(?:\\.|[^"\\])*"|'[^']*')(?=\s|$)/gs;
/** Code or bold, from the beginning of a word to the end of one: `lun list *cluster-1*`. A single star stays a star. */
const MARKED = /(?<=^|\s)(?:`([^`]+)`|\*([^\s*](?:[^*]*[^\s*])?)\*)(?=\s|$)/g;

/** The same marks around a part of a command. */
function withoutMarkup(text: string): string {
  const kept = (part: string): string => part.replace(MARKED, (_, code?: string, bold?: string) => code ?? bold ?? "");
  let result = "";
  let from = 0;
  for (const { 0: quoted, index } of text.matchAll(QUOTED)) {
    result += kept(text.slice(from, index)) + quoted;
    from = index + quoted.length;
  }
  return result + kept(text.slice(from));
}

function peeled(text: string): string {
  for (const pattern of before) {
    const found = pattern.exec(text);
    if (found === null) continue;
    // Each line of a quotation has its own mark.
    const rest = text.slice(found[0].length);
    return (text.startsWith(">") ? rest.replace(/^>[^\S\n]*/gm, "") : rest).trim();
  }
  for (const pattern of around) {
    const inside = pattern.exec(text)?.[1];
    if (inside !== undefined) return inside.trim();
  }
  return text;
}
