import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

export const root = join(import.meta.dirname, "../..");

/** A text that a person reads, with the line where it begins. */
export interface Written {
  readonly line: number;
  readonly text: string;
  /** A title is the name of a test or of a case. */
  readonly kind: "text" | "title" | "comment";
}

/** Files that have texts: sources, documents, the manifest, what is deployed and what the golden files show. */
export function filesUnder(path: string): string[] {
  const absolute = join(root, path);
  if (!existsSync(absolute)) throw new Error(`${path} does not exist`);
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute, { recursive: true, encoding: "utf8" })
    .map((name) => relative(root, join(absolute, name)))
    .filter((name) => !name.includes("node_modules") && NAMES.test(name))
    .sort();
}

const NAMES = /\.(tsx?|mjs|css|html|md|ya?ml|json|service)$|(^|\/)(Containerfile|run)$/;

export function writtenIn(path: string): Written[] {
  const known = read.get(path);
  if (known !== undefined) return known;
  const written = readWrittenIn(path, readFileSync(join(root, path), "utf8"));
  read.set(path, written);
  return written;
}

const read = new Map<string, Written[]>();

function readWrittenIn(path: string, content: string): Written[] {
  if (/\.(tsx?|mjs)$/.test(path)) return inSource(path, content);
  if (path.endsWith(".md")) return inLines(content.replaceAll(/`[^`\s]+`/g, "`…`"));
  if (path.endsWith(".json")) return inCase(content) ?? inLines(content.replaceAll(/"[\w.]+":/g, ""));
  return inLines(content);
}

/** A JSON case is what a program prints, or a plan. Only its title is a text of ours. */
function inCase(content: string): Written[] | null {
  const title = /^ {2}"(?:source|case)": (".*"),?$/m.exec(content)?.[1];
  if (title === undefined) return null;
  // The lab names the command that it recorded.
  const text = String(JSON.parse(title)).replace(/^(recorded in the lab .*?from) .*$/s, "$1 …");
  return [{ line: 2, text, kind: "title" }];
}

const inLines = (content: string): Written[] =>
  content.split("\n").map((text, index) => ({ line: index + 1, text, kind: "text" }));

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

function inSource(path: string, content: string): Written[] {
  const { program, comments, errors } = parseSync(path, content, { lang: path.endsWith("x") ? "tsx" : "ts" });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineAt = lineIn(content);
  const found: Written[] = [];
  const titles = new Set<unknown>();
  const take = (node: Node, text: string) => {
    // One word is a name of the program. If a person reads it, a golden file shows it.
    if (/\s/.test(text.trim()))
      found.push({ line: lineAt(node.start), text, kind: titles.has(node) ? "title" : "text" });
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (isNode(value)) {
      if (value.type === "CallExpression" && Array.isArray(value.arguments) && isOfTest(value.callee)) {
        titles.add(value.arguments[0]);
      }
      if (value.type === "Literal" && typeof value.value === "string") take(value, value.value);
      if (value.type === "JSXText") take(value, String(value.value));
      if (value.type === "TemplateLiteral" && Array.isArray(value.quasis)) {
        take(value, value.quasis.map((piece) => (piece as { value: { cooked: string } }).value.cooked).join("…"));
      }
      for (const [key, inner] of Object.entries(value)) if (key !== "parent") visit(inner);
    }
  };
  visit(program);
  for (const { start, value } of comments) {
    for (const [index, text] of value
      .replaceAll(/`[^`]+`/g, "`…`")
      .split("\n")
      .entries()) {
      found.push({ line: lineAt(start) + index, text, kind: "comment" });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

/** The number of the line of a position; positions come in any order. */
function lineIn(content: string): (position: number) => number {
  const ends = [...content.matchAll(/\n/g)].map(({ index }) => index);
  return (position) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

/** `it`, `describe.skipIf(…)`, `it.each(…)` and the like. */
function isOfTest(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === "Identifier") return callee.name === "it" || callee.name === "describe";
  return isOfTest(callee.type === "CallExpression" ? callee.callee : callee.object);
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
