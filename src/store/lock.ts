import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const claimSchema = z.strictObject({
  pid: z.int().positive(),
  /** The start of that process in the kernel's ticks, and the boot: a pid alone may be of another process. */
  startTime: z.string().nullable(),
  boot: z.string().nullable(),
});
type Claim = z.output<typeof claimSchema>;

type DirectoryLock = { release(): Promise<void> } | { heldByPid: number };

const claimName = /^bot-[0-9a-f-]{36}\.lock$/;
const attempts = 12;

/**
 * One bot per folder; the folder is created if it is missing. Each process writes a claim with a unique name and then
 * reads the claims of others. Of two concurrent processes, at least one sees the other, withdraws its claim and tries
 * again later. A claim of a process that is gone, after `kill -9` or a reboot, is removed. Names are never reused, so
 * this can't remove the claim of a live process. Processes in different containers don't see each other: don't share a
 * folder between two.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const mine: Claim = { pid: process.pid, startTime: await startTimeOf(process.pid), boot: await bootId() };
  for (let attempt = 1; ; attempt++) {
    const path = await putClaim(directory, mine);
    const other = await livingClaim(directory, path);
    if (other === null) return { release: () => removeClaim(path) };
    await removeClaim(path);
    if (attempt === attempts) return { heldByPid: other.pid };
    await sleep(20 + Math.random() * 80);
  }
}

/** Written so that it is complete when it becomes visible. */
async function putClaim(directory: string, claim: Claim): Promise<string> {
  const path = join(directory, `bot-${randomUUID()}.lock`);
  await writeFile(`${path}.new`, JSON.stringify(claim), { mode: 0o600, flag: "wx" });
  await rename(`${path}.new`, path);
  return path;
}

async function livingClaim(directory: string, mine: string): Promise<Claim | null> {
  for (const name of (await readdir(directory)).filter((each) => claimName.test(each))) {
    const path = join(directory, name);
    if (path === mine) continue;
    const claim = await readClaim(path);
    if (claim !== null && (await isAlive(claim))) return claim;
    await removeClaim(path);
  }
  return null;
}

/** null for a claim that was withdrawn, and for one that a power failure left empty: its process is gone too. */
async function readClaim(path: string): Promise<Claim | null> {
  try {
    return claimSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || isMissing(error)) return null;
    throw error;
  }
}

async function isAlive(claim: Claim): Promise<boolean> {
  if (claim.boot !== (await bootId())) return false;
  try {
    process.kill(claim.pid, 0);
  } catch (error) {
    // EPERM: the process is alive and belongs to another user.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return claim.startTime === (await startTimeOf(claim.pid));
}

/**
 * From `1234 (node) S 1 …`: the 22nd field; the second, in parentheses, may have any text. null without /proc, and for
 * a zombie.
 */
async function startTimeOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
}

const bootId = async (): Promise<string | null> =>
  (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => null))?.trim() ?? null;

const removeClaim = (path: string): Promise<void> =>
  unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
