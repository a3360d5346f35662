import { fromOtherKeyboards } from "./keyboards.ts";

/**
 * Slack's markup: `<@U1|ann>`, `<#C1|storage>`, `<!here>`, `<http://host1|host1>`, and the three characters that Slack
 * escapes. Slack sends a typed `<` as `&lt;`, so an unescaped one is always markup.
 */
const markup = /<([^<>|]*)(?:\|([^<>]*))?>|&(amp|lt|gt);/g;
const escapes: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">" };

/** Characters that autocorrection or a copied document inserts, and the intended ones. */
const typography: readonly (readonly [RegExp, string])[] = [
  [/[\u00ad\u200b-\u200d\u2060\ufeff]/g, ""], // soft hyphen and zero-width characters
  [/[\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, " "], // no-break and other wide or narrow spaces
];

/**
 * Undoes what Slack and keyboards change in typed text. The slash command needs `should_escape: true`. A person becomes
 * `@U1`, a user group `@S1` and a channel `#C1`, because ids stay when names change. A link becomes the typed text.
 * Other ASCII, and so any WWID, does not change.
 */
export const normalise = (text: string): string =>
  fromOtherKeyboards(
    typography.reduce(
      (result, [typed, meant]) => result.replace(typed, meant),
      text.replace(markup, (_, target: string | undefined, label: string | undefined, escaped: string | undefined) =>
        escaped === undefined ? linkTarget(target ?? "", label ?? "") : (escapes[escaped] ?? ""),
      ),
    ),
  );

function linkTarget(target: string, label: string): string {
  const id = target.slice(1);
  switch (target[0]) {
    case "@":
      return `@${id}`;
    case "#":
      return `#${id}`;
    case "!":
      if (id.startsWith("subteam^")) return `@${id.slice("subteam^".length)}`;
      return label === "" ? `@${id}` : unescaped(label);
    default:
      return unescaped(label === "" ? target : label);
  }
}

const unescaped = (text: string): string => text.replace(/&(amp|lt|gt);/g, (_, name: string) => escapes[name] ?? "");
