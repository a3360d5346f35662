import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "./bot.ts";
import { errorsDocument } from "./core/errors-document.ts";
import { rootHelper } from "./host/root-helper/program.ts";
import { withCommandTable } from "./language/command-table.ts";
import { permissionsDocument } from "./permission-table.ts";

/**
 * `npm run readme`, `errors`, `permissions` and `helper`: write the table of commands into README.md, docs/ERRORS.md,
 * docs/permissions.md and the root helper.
 */
const path = join(import.meta.dirname, "../README.md");
writeFileSync(path, withCommandTable(readFileSync(path, "utf8"), commands));
writeFileSync(join(import.meta.dirname, "../docs/ERRORS.md"), errorsDocument());
writeFileSync(join(import.meta.dirname, "../docs/permissions.md"), await permissionsDocument(commands));
writeFileSync(join(import.meta.dirname, "../deploy/zstack-chatops-run"), rootHelper().text, { mode: 0o755 });
