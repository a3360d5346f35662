import { readFileSync } from "node:fs";
import { join } from "node:path";

const page = readFileSync(join(import.meta.dirname, "../../../docs/monitoring.md"), "utf8");

/** A whole file that docs/monitoring.md shows. Its first line is its name. */
export function fileOfDocs(name: string): string {
  const begin = `\`\`\`yaml\n# ${name}\n`;
  const at = page.indexOf(begin);
  if (at === -1) throw new Error(`docs/monitoring.md shows no ${name}`);
  return page.slice(at + begin.length, page.indexOf("\n```", at + begin.length) + 1);
}

/** With each text replaced by another. A text that is not there is an error: then the test would try other values. */
export function replaced(text: string, ...pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`docs/monitoring.md has no ${from}`);
    return result.replaceAll(from, to);
  }, text);
}
