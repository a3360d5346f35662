import { quote, type Token, tokenise } from "./tokenise.ts";

/** The same line with another name in each place of one that was typed; null if it is in no place. */
export function renamed(line: string, typed: string, name: string): string | null {
  const read = tokenise(line);
  if (read.kind === "unreadable") return null;
  const isTyped = (text: string): boolean => text.split(",").includes(typed);
  const changed = (text: string): string =>
    text
      .split(",")
      .map((each) => (each === typed ? name : each))
      .join(",");
  const tokens = read.tokens.map((token): [text: string, isChanged: boolean] => {
    const text = token.kind === "pair" ? token.value : token.text;
    return isTyped(text) ? [written(token, changed(text)), true] : [written(token, text), false];
  });
  return tokens.some(([, isChanged]) => isChanged) ? tokens.map(([text]) => text).join(" ") : null;
}

const written = (token: Token, text: string): string =>
  token.kind === "pair" ? `${token.key}=${quote(text)}` : quote(text);
