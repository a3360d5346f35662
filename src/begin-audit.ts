import { loadEnvFile } from "./env-file.ts";
import { beginAuditLog } from "./store/audit-begin.ts";
import { terminalPerson } from "./terminal/person.ts";
import { visibleLines } from "./visible.ts";

// Run by hand: `npm run audit:begin -- "the old log was lost with its disk"`.
loadEnvFile();
const directory = process.env.DATA_DIR || "data";
const reason = process.argv.slice(2).join(" ").trim();

async function begin(): Promise<string> {
  if (reason === "") throw new Error('Usage: npm run audit:begin -- "why a new log begins"');
  await beginAuditLog(directory, terminalPerson(), reason);
  return `A new audit log begins in ${directory}.`;
}

begin().then(console.log, (error: Error) => {
  console.error(visibleLines(error.message).join("\n"));
  process.exit(1);
});
