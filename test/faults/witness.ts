import { appendFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { basename, dirname, join } from "node:path";

// Loaded into the bot's process before the bot. Each time that the bot replaces a file of what it may do, a line goes
// into the file WITNESS: what the file then has, and how long the audit log was before it. So the oracle knows which
// entry came before which act, without asking the bot.
const require = createRequire(import.meta.url);
const { promises }: typeof import("node:fs") = require("node:fs");
const witness = process.env.WITNESS ?? "";

const kept = new Set(["roles.json", "policies.json", "freezes.json", "reviews.json", "operations.json"]);

function auditBytesIn(folder: string): number {
  try {
    return statSync(join(folder, "audit.jsonl")).size;
  } catch {
    return 0;
  }
}

/** Of operations only the decisions of second people. */
function shortened(name: string, content: unknown): unknown {
  if (name !== "operations.json") return content;
  const { operations } = content as { operations: { id: string; second: { given: unknown } | null }[] };
  return { given: operations.flatMap(({ id, second }) => (second?.given ? [{ id, ...second.given }] : [])) };
}

if (witness !== "") {
  const note = (line: object) => appendFileSync(witness, `${JSON.stringify(line)}\n`);
  note({ file: "start", from: auditBytesIn(process.env.DATA_DIR ?? "") });
  const { rename } = promises;
  promises.rename = async (from, to) => {
    const name = basename(String(to));
    if (kept.has(name)) {
      const content: unknown = JSON.parse(await readFile(from, "utf8"));
      note({ file: name, from: auditBytesIn(dirname(String(to))), content: shortened(name, content) });
    }
    return rename(from, to);
  };
  syncBuiltinESMExports();
}
