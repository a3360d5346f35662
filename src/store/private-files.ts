import { chmod, readdir, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { readable } from "../core/host-command.ts";
import { Refusal, reason } from "../core/refusal.ts";

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** The access of other users to a file or a folder. */
interface Exposed {
  readonly why: string;
  /** The shell line. */
  readonly fix: string;
}

/** Why other users can access a file or a folder; null if they can't. Throws if it does not exist. */
export async function exposureOf(path: string): Promise<Exposed | null> {
  const uid = process.getuid?.();
  // Without user ids there are no other users.
  if (uid === undefined) return null;
  const found = await stat(path);
  const mine = found.uid === uid;
  const open = found.mode & OTHERS;
  if (mine && open === 0) return null;
  const mode = found.isDirectory() ? "700" : "600";
  const at = resolve(path);
  const fixes = [
    ...(mine ? [] : [readable(["chown", ownName(uid), at])]),
    ...(open === 0 ? [] : [readable(["chmod", mode, at])]),
  ];
  const mayWrite = (found.mode & OTHERS_WRITE) !== 0;
  const why = mine
    ? `other users may ${mayWrite ? "write" : "read"} it (mode ${(found.mode & 0o777).toString(8)})`
    : `it belongs to another user (uid ${found.uid}, the bot runs as uid ${uid})`;
  return { why, fix: fixes.join(" && ") };
}

function ownName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}

/** The files by which the bot decides or logs in. A person may keep other files in the folder. */
const isOurs = (name: string): boolean =>
  ["inventory.json", "operations.json"].includes(name) || /^audit.*\.(?:jsonl|pem)$/.test(name);
const KEYS = "simulated-keys";

/**
 * Only the bot's own user may read the data folder. A folder without files of the bot, as in a fresh clone, gets mode
 * 700; the answer is then a message for the operator. Throws, with the fix, if others could have read or changed its
 * files.
 */
export async function takeDataFolder(directory: string): Promise<string | null> {
  const names = await readdir(directory);
  const why = await exposureOf(directory);
  const isNew = !names.some((name) => isOurs(name) || name === KEYS);
  const isMine = (await stat(directory)).uid === process.getuid?.();
  if (why !== null && !(isNew && isMine)) throw exposed(directory, why);
  for (const path of [...names.filter(isOurs), ...(await keysIn(directory, names))].map((each) =>
    join(directory, each),
  )) {
    const open = await exposureOf(path);
    if (open !== null) throw exposed(path, open);
  }
  if (why === null) return null;
  await chmod(directory, 0o700);
  return `the folder ${directory} is now readable only by the bot's own user (chmod 700)`;
}

const exposed = (path: string, { why, fix }: Exposed): Refusal =>
  new Refusal("The bot can't start", [
    reason("DATA_FOLDER_UNUSABLE", "DATA_DIR must be for the bot's own user alone"),
    reason("DATA_FOLDER_UNUSABLE", `${path}: ${why}`, fix),
  ]);

const keysIn = async (directory: string, names: readonly string[]): Promise<string[]> =>
  names.includes(KEYS) ? (await readdir(join(directory, KEYS))).map((name) => join(KEYS, name)) : [];
