import { errorText } from "./core/refusal.ts";
import { loadEnvFile } from "./env-file.ts";
import { lineToType } from "./line-to-type.ts";
import { beginAuditLog } from "./store/audit-begin.ts";
import { terminalPerson } from "./terminal/person.ts";
import { visibleLines } from "./text/visible.ts";

// Run by hand: `npm run audit:begin -- "the old log was lost with its disk"`.
export async function beginAuditProgram(args: readonly string[]): Promise<void> {
  try {
    process.stdout.write(`${await begin(args.join(" ").trim())}\n`);
  } catch (error) {
    process.stderr.write(`${visibleLines(errorText(error)).join("\n")}\n`);
    process.exitCode = 1;
  }
}

async function begin(reason: string): Promise<string> {
  loadEnvFile();
  const directory = process.env.DATA_DIR || "data";
  if (reason === "") throw new Error(`Usage: ${lineToType("audit begin", '"why a new log begins"')}`);
  await beginAuditLog(directory, terminalPerson(), reason);
  return `A new audit log begins in ${directory}.`;
}
