import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bytesKnownTo, verifyChain } from "./audit-verify.ts";
import { openOperationStore } from "./operation-store.ts";

// Run by hand: `npm run audit:verify`, or with the path of a copy of the log. The bot may go on running meanwhile.
if (existsSync(".env")) process.loadEnvFile();
const path = process.argv[2] ?? join(process.env.DATA_DIR || "data", "audit.jsonl");

async function verify(): Promise<string> {
  // Before the log, which may grow meanwhile; a copy without operations.json beside it is only checked in itself.
  const knownBytes = bytesKnownTo(await openOperationStore(dirname(path)));
  const file = await open(path, "r");
  try {
    const verdict = await verifyChain(file, (await file.stat()).size, knownBytes);
    if (verdict.kind === "broken") throw new Error(`${path}: line ${verdict.line} is bad: ${verdict.problem}`);
    return `${path}: ${verdict.entries} entries, the chain is whole, the last hash is ${verdict.lastHash ?? "none"}`;
  } finally {
    await file.close();
  }
}

verify().then(console.log, (error: Error) => {
  console.error(error.message);
  process.exit(1);
});
