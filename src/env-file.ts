import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { configError } from "./config.ts";
import { readable } from "./core/host-command.ts";

const FILE = ".env";
const TOKEN = /^\s*(?:export\s+)?SLACK_(?:BOT|APP)_TOKEN\s*=\s*["'`]?x/m;

/** Loads the settings in `.env`. If it contains a token, only the bot's own user may be able to read it. */
export function loadEnvFile(): void {
  if (!existsSync(FILE)) return;
  const uid = process.getuid?.();
  const { mode, uid: owner } = statSync(FILE);
  const isPrivate = uid === undefined || ((mode & 0o077) === 0 && owner === uid);
  if (!isPrivate && TOKEN.test(readFileSync(FILE, "utf8"))) {
    const fix = owner === uid ? "" : `${readable(["chown", String(uid), resolve(FILE)])} && `;
    throw configError(
      ".env contains Slack's tokens, and other users may read it",
      `${fix}${readable(["chmod", "600", resolve(FILE)])}`,
    );
  }
  process.loadEnvFile(FILE);
}
