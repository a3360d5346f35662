import { existsSync } from "node:fs";
import { join } from "node:path";

export type ProgramName = "start" | "say" | "san" | "parse" | "audit verify" | "audit begin";

/** A repository has npm's scripts, in `src/` and in `dist/`. An installed package has only its program. */
const isClone = existsSync(join(import.meta.dirname, "../scripts/run.mjs"));

const scripts: Readonly<Record<ProgramName, string>> = {
  start: "npm start",
  say: "npm run say",
  san: "npm run san",
  // npm's own output is not JSON.
  parse: "npm run --silent parse",
  "audit verify": "npm run audit:verify",
  "audit begin": "npm run audit:begin",
};

/** The line that runs a program: `npm run say -- "zone list"`, or `zstack-chatops say "zone list"`. */
export function lineToType(program: ProgramName, args = ""): string {
  if (!isClone) return ["zstack-chatops", program, args].filter(Boolean).join(" ");
  return args === "" ? scripts[program] : `${scripts[program]} -- ${args}`;
}
