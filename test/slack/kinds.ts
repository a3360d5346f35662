import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

/** A text in the source, as a pattern in which its gaps are filled. */
export interface Written {
  readonly where: string;
  /** The text, with `…` for each gap. */
  readonly text: string;
  readonly pattern: RegExp;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const root = join(import.meta.dirname, "../..");

/** Texts in Slack that do not depend on the command. Each sentence is its own kind. */
const ofTheFlow = [
  "src/core/open-plans.ts",
  "src/core/secret.ts",
  "src/core/confirmed-plan.ts",
  "src/world.ts",
  "src/flow",
  "src/slack",
  "src/language/understand.ts",
  "src/slack/other-bots.ts",
  "src/terminal/mirror-to-channel.ts",
];
/** Texts of a start, at the terminal, and the fixes of Slack's error codes. They have their own tests. */
const elsewhere = /^src\/slack\/(tokens|connection|failure|proxy-refusal)\.ts$/;
/** The answers of commands: each reply and each plan is a kind. */
const ofCommands = [
  ...ofTheFlow,
  ...[
    "inventory-plan",
    "inventory-lists",
    "operation-reply",
    "audit-reply",
    "audit-show",
    "audit-export",
    "audit-verify-reply",
  ].map((name) => `src/core/${name}.ts`),
  ...["src/language", "commands", "src/access", "src/storage", "src/iscsi", "src/prepare"],
];

/** Every title of a reply and of a plan. */
export const titles = (): Written[] =>
  ofCommands.flatMap(filesIn).flatMap((file) =>
    nodesIn(file).flatMap(({ node }) => {
      if (node.type !== "ObjectExpression") return [];
      const of = (name: string) => propertyOf(node, name);
      const title = of("title");
      return title !== null && (of("tone") ?? of("stages")) !== null ? writtenIn(title, file) : [];
    }),
  );

/** Every sentence, except those for the log and for errors of the program. */
export const sentences = (): Written[] =>
  ofTheFlow
    .flatMap(filesIn)
    .filter((file) => !elsewhere.test(file))
    .flatMap((file) => nodesIn(file).flatMap(({ node, isUnseen }) => (isUnseen ? [] : textOf(node, file))))
    .filter(({ text }) => (text.replaceAll("…", " ").match(/[A-Za-z']{2,}/g)?.length ?? 0) >= LEAST_WORDS);

const LEAST_WORDS = 4;

function filesIn(path: string): string[] {
  if (path.endsWith(".ts")) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => relative(root, join(root, path, name)))
    .sort();
}

/** `isUnseen`: no person in Slack reads it. */
function nodesIn(file: string): { node: Node; isUnseen: boolean }[] {
  const { program, errors } = parseSync(file, readFileSync(join(root, file), "utf8"), { lang: "ts" });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: { node: Node; isUnseen: boolean }[] = [];
  const visit = (value: unknown, isUnseen: boolean): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, isUnseen);
    else if (isNode(value)) {
      const unseen = isUnseen || isForTheLog(value);
      found.push({ node: value, isUnseen: unseen });
      for (const [key, inner] of Object.entries(value)) if (key !== "parent") visit(inner, unseen);
    }
  };
  visit(program, false);
  return found;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** `log.error("…")`, `this.#log.info("…")`, `new Error("…")`, and the paths of imports. */
function isForTheLog(node: Node): boolean {
  if (node.type === "ImportDeclaration") return true;
  const { callee } = node;
  if (!isNode(callee)) return false;
  if (node.type === "NewExpression") return /^(Range|Type)?Error$/.test(nameOf(callee));
  return node.type === "CallExpression" && isNode(callee.object) && /^log$/i.test(nameOf(callee.object));
}

/** The last name of `this.#world.log`. */
function nameOf(node: Node): string {
  if (isNode(node.property)) return nameOf(node.property);
  return typeof node.name === "string" ? node.name : "";
}

function propertyOf(object: Node, name: string): Node | null {
  const properties = Array.isArray(object.properties) ? object.properties.filter(isNode) : [];
  const found = properties.find(({ key }) => isNode(key) && key.name === name);
  return isNode(found?.value) ? found.value : null;
}

/** The texts that an expression can be. A name alone can be any text, so it is no kind. */
function writtenIn(node: Node, file: string): Written[] {
  if (node.type === "ConditionalExpression")
    return [node.consequent, node.alternate].filter(isNode).flatMap((branch) => writtenIn(branch, file));
  return textOf(node, file);
}

function textOf(node: Node, file: string): Written[] {
  if (node.type === "Literal" && typeof node.value === "string") return [written([node.value], node, file)];
  if (node.type !== "TemplateLiteral" || !Array.isArray(node.quasis)) return [];
  const pieces = node.quasis.filter(isNode).map(({ value }) => (value as { cooked: string }).cooked);
  return [written(pieces, node, file)];
}

function written(pieces: readonly string[], { start }: Node, file: string): Written {
  const line = readFileSync(join(root, file), "utf8").slice(0, start).split("\n").length;
  const source = pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[\\s\\S]*?");
  return { where: `${file}:${line}`, text: pieces.join("…"), pattern: new RegExp(source) };
}
