import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "./bot.ts";
import { withCommandTable } from "./language/command-table.ts";

/** `npm run readme`: writes the table of commands, made from their definitions, into README.md. */
const path = join(import.meta.dirname, "../README.md");
writeFileSync(path, withCommandTable(readFileSync(path, "utf8"), commands));
