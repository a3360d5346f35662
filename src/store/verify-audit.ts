import { open } from "node:fs/promises";
import { join } from "node:path";
import { verifyChain } from "./audit-verify.ts";

// Run by hand: `npm run audit:verify`, or with the path of a copy of the log. The bot may go on running meanwhile.
const path = process.argv[2] ?? join(process.env.DATA_DIR ?? "data", "audit.jsonl");
const file = await open(path, "r").catch((error: Error) => {
  console.error(`${path} can't be read: ${error.message}`);
  process.exit(1);
});
const verdict = await verifyChain(file, (await file.stat()).size);
await file.close();
if (verdict.kind === "broken") {
  console.error(`${path}: line ${verdict.line} is bad: ${verdict.problem}`);
  process.exit(1);
}
console.log(`${path}: ${verdict.entries} entries, the chain is whole, the last hash is ${verdict.lastHash ?? "none"}`);
