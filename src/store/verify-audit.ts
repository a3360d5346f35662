import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { anchorIn } from "../core/audit-anchor.ts";
import type { WholeLog } from "../core/audit-verdict.ts";
import { errorText } from "../core/refusal.ts";
import { visibleLines } from "../text/visible.ts";
import { bytesKnownTo, lengthsKnownTo } from "./audit-chain.ts";
import { damagedLog } from "./audit-log.ts";
import { verifyLogAt } from "./audit-verify.ts";
import { openInventoryStore } from "./inventory-store.ts";
import { openOperationStore } from "./operation-store.ts";

// Run by hand: `npm run audit:verify`, or with the path of a copy of the log, and with `--anchor N:HASH` for what a
// channel
// shows of it. The bot may keep running.
export async function verifyAuditProgram(args: readonly string[]): Promise<void> {
  try {
    process.stdout.write(`${await verify(args)}\n`);
  } catch (error) {
    process.stderr.write(`${visibleLines(errorText(error)).join("\n")}\n`);
    process.exitCode = 1;
  }
}

async function verify(args: readonly string[]): Promise<string> {
  if (existsSync(".env")) process.loadEnvFile();
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { anchor: { type: "string", multiple: true, default: [] } },
    allowPositionals: true,
  });
  const path = positionals[0] ?? join(process.env.DATA_DIR || "data", "audit.jsonl");
  // Read before the log, which may grow. A copy without operations.json is checked only by itself.
  const anchors = values.anchor.map(anchorIn);
  const bytes = bytesKnownTo(await openOperationStore(dirname(path)));
  const lengths = lengthsKnownTo(bytes, (await openInventoryStore(dirname(path))).auditKnown());
  const verdict = await verifyLogAt(path, { lengths, anchors });
  if (verdict.kind === "broken") throw damagedLog(verdict);
  const { entries, firstId, lastHash } = verdict;
  const count = entries - firstId + 1;
  const matched = anchors.map(({ id, hash }) => `\nentry ${id} matches the reported hash: ${hash}`).join("");
  const earlier = firstId === 1 ? "" : `\nthe entries before ${firstId} are not here`;
  return `${path}: ${count} ${count === 1 ? "entry" : "entries"}, the chain is complete, the last hash is ${lastHash ?? "none"}${earlier}${signedText(verdict)}${matched}`;
}

const signedText = ({ checkpoints, signedTo, keys }: WholeLog): string =>
  checkpoints === 0
    ? ""
    : `\nsigned up to entry ${signedTo} by ${keys.join(", then ")}: compare the key with the one in the channel`;
