import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

export const root = join(import.meta.dirname, "../..");

/** A text that a person reads, with the line where it begins. */
export interface Written {
  readonly line: number;
  readonly text: string;
  readonly kind: "text" | "comment";
}

/** Files that have texts: sources, documents, the manifest and what the golden files show. */
export function filesUnder(path: string): string[] {
  const absolute = join(root, path);
  if (!existsSync(absolute)) throw new Error(`${path} does not exist`);
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute, { recursive: true, encoding: "utf8" })
    .map((name) => relative(root, join(absolute, name)))
    .filter((name) => !name.includes("node_modules") && /\.(tsx?|md|ya?ml|json)$/.test(name))
    .sort();
}

export function writtenIn(path: string): Written[] {
  const content = readFileSync(join(root, path), "utf8");
  if (/\.tsx?$/.test(path)) return inSource(path, content);
  if (path.endsWith(".md")) return inLines(content.replaceAll(/`[^`\s]+`/g, "`…`"));
  if (path.endsWith(".json")) return inLines(content.replaceAll(/"[\w.]+":/g, ""));
  return inLines(content);
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
  const lineAt = (start: number) => content.slice(0, start).split("\n").length;
  const found: Written[] = [];
  const take = (start: number, text: string) => {
    // One word is a name of the program; where a person reads it, a golden file shows it.
    if (/\s/.test(text.trim())) found.push({ line: lineAt(start), text, kind: "text" });
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (isNode(value)) {
      if (value.type === "Literal" && typeof value.value === "string") take(value.start, value.value);
      if (value.type === "JSXText") take(value.start, String(value.value));
      if (value.type === "TemplateLiteral" && Array.isArray(value.quasis)) {
        take(value.start, value.quasis.map((piece) => (piece as { value: { cooked: string } }).value.cooked).join("…"));
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

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
