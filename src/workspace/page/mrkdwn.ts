import { shownDate } from "./slack-date.ts";

/** Slack's mrkdwn, as a tree. Entities are undone once and last, so an escaped mention stays the text it is. */
export type Mark =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "bold" | "italic" | "strike"; readonly marks: readonly Mark[] }
  | { readonly kind: "person"; readonly id: string; readonly label: string | null }
  | { readonly kind: "mention"; readonly text: string }
  | { readonly kind: "link"; readonly url: string; readonly text: string };
export type MrkdwnSegment =
  | { readonly kind: "code block"; readonly text: string }
  | { readonly kind: "quote"; readonly marks: readonly Mark[] }
  | { readonly kind: "lines"; readonly marks: readonly Mark[] };

const unescaped = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function parseMrkdwn(text: string): readonly MrkdwnSegment[] {
  // Every second piece was between fences. A last fence without a partner is only text.
  const pieces = text.split("```");
  const loose = pieces.length % 2 === 0 ? `\`\`\`${pieces.pop()}` : "";
  const last = pieces.length - 1;
  return pieces.flatMap((piece, index): readonly MrkdwnSegment[] => {
    if (index % 2 === 1) return [{ kind: "code block", text: unescaped(withoutLinks(piece)).replace(/^\n|\n$/g, "") }];
    const before = index > 0 ? piece.replace(/^\n/, "") : piece;
    return passagesOf(index === last ? before + loose : before.replace(/\n$/, ""));
  });
}

/** Runs of quoted and of plain lines. */
function passagesOf(text: string): readonly MrkdwnSegment[] {
  if (text === "") return [];
  const runs: { kind: "quote" | "lines"; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
    const kind = quoted === null ? "lines" : "quote";
    const run = runs.at(-1);
    if (run?.kind === kind) run.lines.push(quoted?.[1] ?? line);
    else runs.push({ kind, lines: [quoted?.[1] ?? line] });
  }
  return runs.map(({ kind, lines }) => ({ kind, marks: marksOf(lines.join("\n")) }));
}

// A style opens after a space or punctuation and closes before one: 3*4*5 and snake_case_name stay as they are.
const styled = (sign: string) => `(?<![\\w${sign}])[${sign}](?=\\S)([^${sign}\\n]*?\\S)[${sign}](?![\\w${sign}])`;
const MARK = new RegExp(["`([^`\\n]+)`", "<([^<>\\n]+)>", styled("*"), styled("_"), styled("~")].join("|"), "g");

function marksOf(text: string): readonly Mark[] {
  const marks: Mark[] = [];
  let end = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > end) marks.push({ kind: "text", text: unescaped(text.slice(end, match.index)) });
    marks.push(markOf(match));
    end = match.index + match[0].length;
  }
  if (end < text.length) marks.push({ kind: "text", text: unescaped(text.slice(end)) });
  return marks;
}

function markOf([whole, code, angled, bold, italic, strike]: RegExpMatchArray): Mark {
  if (code !== undefined) return { kind: "code", text: unescaped(withoutLinks(code)) };
  if (angled !== undefined) return angledMark(angled);
  if (bold !== undefined) return { kind: "bold", marks: marksOf(bold) };
  if (italic !== undefined) return { kind: "italic", marks: marksOf(italic) };
  if (strike !== undefined) return { kind: "strike", marks: marksOf(strike) };
  return { kind: "text", text: unescaped(whole ?? "") };
}

/** `<@U1>`, `<@U1|alice>`, `<#C1|ops>`, `<!channel>`, `<!date^0^{date}|then>`, `<https://a.example|label>`. */
function angledMark(inside: string): Mark {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? null : unescaped(inside.slice(bar + 1));
  if (target.startsWith("@")) return { kind: "person", id: target.slice(1), label };
  if (target.startsWith("#")) return { kind: "mention", text: `#${label ?? target.slice(1)}` };
  if (target.startsWith("!date^")) {
    const [, seconds = "", format = ""] = target.split("^");
    return { kind: "text", text: shownDate(unescaped(format), Number(seconds || Number.NaN), label ?? "") };
  }
  if (target.startsWith("!")) return { kind: "mention", text: `@${(label ?? target.slice(1)).replace(/^@/, "")}` };
  const url = unescaped(target);
  // Only what opens a page or a letter is a link; javascript: and its like are shown as the text they are.
  if (/^(?:https?:\/\/|mailto:)/i.test(url)) return { kind: "link", url, text: label ?? url };
  return { kind: "text", text: `<${unescaped(inside)}>` };
}

/** Slack shows a link inside code as its label or address. */
const withoutLinks = (text: string): string =>
  text.replace(
    /<((?:https?:\/\/|mailto:)[^<>|\n]*)(?:\|([^<>\n]*))?>/gi,
    (_, url: string, label?: string) => label ?? url,
  );
