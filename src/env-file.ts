import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { configError } from "./config.ts";
import { readable } from "./core/host-command.ts";

const FILE = ".env";
/**
 * Slack's tokens, the secrets of `POST /alerts` and of the audit's webhook, the passphrase of the SSH key, and passwords
 * in addresses.
 */
const SECRET =
  /^\s*(?:export\s+)?(?:SLACK_(?:BOT|APP)_TOKEN[ \t]*=[ \t]*["'`]?x|(?:ALERTS_SECRET|AUDIT_WEBHOOK_SECRET|SSH_PRIVATE_KEY_PASSPHRASE)[ \t]*=[ \t]*["'`]?[^\s"'`#]|(?:ALERTMANAGER_URL|HTTPS?_PROXY)[ \t]*=.*:[^\s/]*@)/im;

export const hasSecrets = (text: string): boolean => SECRET.test(text);

/** Loads the settings in `.env`. If it contains a secret, only the bot's own user may be able to read it. */
export function loadEnvFile(): void {
  if (!existsSync(FILE)) return;
  const uid = process.getuid?.();
  const { mode, uid: owner } = statSync(FILE);
  const isPrivate = uid === undefined || ((mode & 0o077) === 0 && owner === uid);
  if (!isPrivate && hasSecrets(readFileSync(FILE, "utf8"))) {
    const fix = owner === uid ? "" : `${readable(["chown", String(uid), resolve(FILE)])} && `;
    throw configError(
      ".env contains tokens, secrets or passwords, and other users may read it",
      `${fix}${readable(["chmod", "600", resolve(FILE)])}`,
    );
  }
  process.loadEnvFile(FILE);
}
