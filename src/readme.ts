import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "./bot.ts";
import { errorsDocument } from "./core/errors-document.ts";
import { withCommandTable } from "./language/command-table.ts";
import { permissionsDocument } from "./permission-table.ts";

/**
 * `npm run readme`, `npm run errors` and `npm run permissions`: write the table of commands into README.md,
 * docs/ERRORS.md and docs/permissions.md.
 */
const path = join(import.meta.dirname, "../README.md");
writeFileSync(path, withCommandTable(readFileSync(path, "utf8"), commands));
writeFileSync(join(import.meta.dirname, "../docs/ERRORS.md"), errorsDocument());
writeFileSync(join(import.meta.dirname, "../docs/permissions.md"), await permissionsDocument(commands));
