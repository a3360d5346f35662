import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "./bot.ts";
import { errorsDocument } from "./core/errors-document.ts";
import { withCommandTable } from "./language/command-table.ts";

/** `npm run readme` and `npm run errors`: write the table of commands into README.md, and docs/ERRORS.md. */
const path = join(import.meta.dirname, "../README.md");
writeFileSync(path, withCommandTable(readFileSync(path, "utf8"), commands));
writeFileSync(join(import.meta.dirname, "../docs/ERRORS.md"), errorsDocument());
