import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import { programs } from "../../src/simulator/programs/index.ts";
import { crashTables } from "../crash/tables/index.ts";

const tables = Object.values(crashTables).flat();
const folder = join(import.meta.dirname, "../../src/host");
/** Programs that are in a variable. */
const inVariables: Readonly<Record<string, readonly string[]>> = { installPackages: ["dnf", "yum"] };

const filesOfHosts = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

const changesOfHosts = () =>
  filesOfHosts().flatMap((file) =>
    changesIn(readFileSync(join(folder, file), "utf8")).map((change) => ({ ...change, where: `src/host/${file}` })),
  );

describe("each change", () => {
  const changes = changesOfHosts();
  it("that can be typed has a crash table", () => {
    const has = new Set(tables.map(({ command }) => command));
    const missing = commands.filter(({ kind, name }) => kind === "change" && !has.has(name));
    expect(missing.map(({ name }) => `${name}: add its crash table to test/crash/tables/ and to its index`)).toEqual(
      [],
    );
    const known = new Set(commands.map(({ name }) => name));
    expect([...has].filter((name) => !known.has(name))).toEqual([]);
  });

  it("that can be typed has a plan case", () => {
    const folders = new Set(readdirSync(join(import.meta.dirname, "../plan")));
    const changing = commands.filter(({ kind, name }) => kind === "change" && !folders.has(name.replaceAll(" ", "-")));
    expect(
      changing.map(({ name }) => `${name}: add test/plan/${name.replaceAll(" ", "-")}/, then npm run plan:cases`),
    ).toEqual([]);
  });

  it("of a host has a program in the simulator", () => {
    expect(changes.length).toBeGreaterThan(40);
    const missing = changes.filter(({ program }) => !programs.has(program));
    expect(
      missing.map(
        ({ where, name, program }) =>
          `${name} of ${where} runs ${program}, which no simulated host has: add src/simulator/programs/${program}.ts and its line in programs/index.ts`,
      ),
    ).toEqual([]);
  });

  it("of a host is a step of a crash table", () => {
    const has = new Set<string>(tables.flatMap(({ steps }) => steps.map(({ program }) => program)));
    const missing = changes.filter(({ program }) => !has.has(program));
    expect(
      missing.map(
        ({ where, name, program }) =>
          `${name} of ${where} runs ${program}, but no test kills the bot there: add a crash table with a plan that runs it to test/crash/tables/`,
      ),
    ).toEqual([]);
  });
});

describe("what a change runs", () => {
  const programsIn = (text: string) => changesIn(text).map(({ name, program }) => `${name}: ${program}`);
  it("is read from its argv, in any form", () => {
    expect(programsIn('export const a = { effect: "change", argv: ["tee", "--"] };')).toEqual(["a: tee"]);
    expect(programsIn('const b = (x) => ({ effect: "destroy", argv: ["env", "HOME=/x", "dd", x] });')).toEqual([
      "b: dd",
    ]);
    expect(
      programsIn('const c = { effect: "change", argv: [...V, "x"] }; const V = ["virsh", "-c"] as const;'),
    ).toEqual(["c: virsh"]);
    expect(programsIn('const d = (x) => ({ effect: "change", argv: x ? ["dnf"] : [...["yum"]] });')).toEqual([
      "d: dnf",
      "d: yum",
    ]);
    const made = 'const makes = (argv) => ({ effect: "change", argv }); const e = () => makes(["sed", "-i"]);';
    expect(programsIn(made)).toEqual(["e: sed"]);
    expect(programsIn('const g = (x) => change(["tee", x], { timeoutMs: 1 });')).toEqual(["g: tee"]);
    expect(programsIn('const h = (x) => destruction("LUN", ["env", "A=1", "dd", x], {});')).toEqual(["h: dd"]);
    expect(programsIn('const i = (argv) => change(argv, {}); const j = () => i(["rm", "-f"]);')).toEqual(["j: rm"]);
    expect(programsIn('const f = { effect: "read", argv: ["ls"] };')).toEqual([]);
  });
  it("must be known", () => {
    expect(() => programsIn('const a = (x) => ({ effect: "change", argv: [x] });')).toThrow(
      "a: say in this test what its program may be",
    );
  });
});

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}
interface Change {
  /** The constant that it is, or is made by. */
  readonly name: string;
  readonly program: string;
}

function changesIn(text: string): Change[] {
  const { program } = parseSync("host.ts", text);
  const constants = new Map<string, Node>();
  const found: Change[] = [];
  const makers = new Set<string>();
  const visit = (node: Node, name: string, each: (node: Node, name: string) => void): void => {
    const own = node.type === "VariableDeclarator" ? String(fieldOf(node, "id")?.name) : name;
    each(node, own);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, own, each);
    }
  };
  const add = (name: string, argv: Node) => {
    for (const program of programsOf(argv, name, constants)) found.push({ name, program });
  };
  const all = (each: (node: Node, name: string) => void) => {
    for (const statement of program.body) if (isNode(statement)) visit(statement, "", each);
  };
  all((node, name) => {
    const init = fieldOf(node, "init");
    // Only constants of the file itself: those come last, so they win.
    if (node.type === "VariableDeclarator" && init !== null) constants.set(name, init);
  });
  all((node, name) => {
    const argv = argvOf(node);
    if (argv === null) return;
    if (argv.type === "Identifier" && !constants.has(String(argv.name))) makers.add(name);
    else add(name, argv);
  });
  all((node, name) => {
    const callee = fieldOf(node, "callee");
    if (node.type !== "CallExpression" || callee === null || !makers.has(String(callee.name))) return;
    const [argv] = Array.isArray(node.arguments) ? node.arguments : [];
    if (isNode(argv)) add(name, argv);
  });
  return found;
}

/** Of a change: an object with an effect, or a call of the builders in `src/core/change.ts`. */
function argvOf(node: Node): Node | null {
  if (node.type === "ObjectExpression") {
    const effect = propertyOf(node, "effect")?.value;
    return effect === "change" || effect === "destroy" ? propertyOf(node, "argv") : null;
  }
  if (node.type !== "CallExpression" || !Array.isArray(node.arguments)) return null;
  const at = { change: 0, destruction: 1 }[String(fieldOf(node, "callee")?.name)];
  const argv: unknown = at === undefined ? null : node.arguments[at];
  return isNode(argv) ? argv : null;
}

function programsOf(argv: Node, name: string, constants: ReadonlyMap<string, Node>): readonly string[] {
  const within = (node: Node | null): readonly string[] => {
    if (node === null) throw new Error(`${name}: say in this test what its program may be`);
    if (node.type === "ConditionalExpression") {
      return [...within(fieldOf(node, "consequent")), ...within(fieldOf(node, "alternate"))];
    }
    if (/^TS.*Expression$|^ParenthesizedExpression$/.test(node.type)) return within(fieldOf(node, "expression"));
    if (node.type === "Identifier") return within(constants.get(String(node.name)) ?? null);
    const elements = Array.isArray(node.elements) ? node.elements.filter(isNode) : [];
    const first = elements.find((element) => !isOfEnv(element)) ?? null;
    if (first?.type === "SpreadElement") return within(fieldOf(first, "argument"));
    if (first?.type === "Literal") return [String(first.value)];
    return inVariables[name] ?? within(null);
  };
  return within(argv);
}

/** `env` and its NAME=VALUE before a program. */
function isOfEnv(node: Node): boolean {
  if (node.type === "TemplateLiteral") return true;
  return node.type === "Literal" && (node.value === "env" || String(node.value).includes("="));
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function fieldOf(node: Node, key: string): Node | null {
  const value = node[key];
  return isNode(value) ? value : null;
}

function propertyOf(node: Node, key: string): Node | null {
  const properties = Array.isArray(node.properties) ? node.properties.filter(isNode) : [];
  const property = properties.find((each) => fieldOf(each, "key")?.name === key);
  return property === undefined ? null : fieldOf(property, "value");
}
