import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildIfStale, forNode } from "../scripts/build.mjs";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** What users run, and the programs that only tests start. */
const arguments_ = {
  start: [join(dist, "zstack-chatops.mjs"), "start"],
  say: [join(dist, "zstack-chatops.mjs"), "say"],
  san: [join(dist, "zstack-chatops.mjs"), "san"],
  parse: [join(dist, "zstack-chatops.mjs"), "parse"],
  "audit verify": [join(dist, "zstack-chatops.mjs"), "audit", "verify"],
  "audit begin": [join(dist, "zstack-chatops.mjs"), "audit", "begin"],
} as const;
const ofTests = {
  "lock-holder": "test/store/lock-holder.ts",
  "busy-writer": "test/store/busy-writer.ts",
  "forwarding-writer": "test/forward/forwarding-writer.ts",
  validate: "test/slack/validate.ts",
} as const;
export type Program = keyof typeof arguments_ | keyof typeof ofTests;

/** The built page. */
export const pageDirectory = join(dist, "page");

const isOfTests = (program: Program): program is keyof typeof ofTests => Object.hasOwn(ofTests, program);
const built = (program: string): string => join(tmpdir(), "programs", `${program}.mjs`);

/** The arguments with which node runs a program. `setup` builds it once before all tests. */
export const argumentsOf = (program: Program): readonly string[] =>
  isOfTests(program) ? [built(program)] : arguments_[program];

/** For vitest's globalSetup: no test builds, and no two build at a time. */
export async function setup(): Promise<void> {
  await buildIfStale();
}

/** For runs in which tests start programs of their own. */
export async function buildTestPrograms(): Promise<void> {
  const { build } = await import("esbuild");
  await Promise.all(
    Object.entries(ofTests).map(([name, file]) =>
      build({
        ...forNode,
        entryPoints: [file],
        outfile: built(name),
        // It finds its files where its source is.
        define: { "import.meta.dirname": JSON.stringify(dirname(join(root, file))) },
      }),
    ),
  );
}
