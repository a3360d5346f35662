import { existsSync } from "node:fs";
import { join } from "node:path";

export type ProgramName = "start" | "say" | "parse" | "audit verify" | "audit begin";

/** A clone has npm's scripts, both if this is `src/` and if it is `dist/`. An installed package has its program only. */
const isClone = existsSync(join(import.meta.dirname, "../scripts/run.mjs"));

const scripts: Readonly<Record<ProgramName, string>> = {
  start: "npm start",
  say: "npm run say",
  // What npm itself prints is no JSON.
  parse: "npm run --silent parse",
  "audit verify": "npm run audit:verify",
  "audit begin": "npm run audit:begin",
};

/** What a person types to run a program: `npm run say -- "zone list"`, or `zstack-chatops say "zone list"`. */
export function lineToType(program: ProgramName, args = ""): string {
  if (!isClone) return ["zstack-chatops", program, args].filter(Boolean).join(" ");
  return args === "" ? scripts[program] : `${scripts[program]} -- ${args}`;
}
