import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import ssh2 from "ssh2";
import { replaceFile } from "../../replace-file.ts";
import { type SanState, sanStateSchema } from "./san-state.ts";
import { parseKey } from "./ssh-host.ts";

/** The files of a simulated SAN that outlives the process. */
interface SavedSan {
  /** null on the first start. */
  readonly state: SanState | null;
  /** Resolves once the state, as it is now or later, is on disk. */
  save(state: SanState): Promise<void>;
  /** The private key of that name, made on first use. */
  key(name: string): Promise<string>;
}

/** For tests and benches: nothing is kept. */
export const inMemory: SavedSan = {
  state: null,
  save: async () => {},
  key: async () => newKey(),
};

/** ssh2 drops a leading zero of the public key: one of 256 keys that it makes is damaged, and is made again. */
function newKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

/** Throws if a file is damaged, and leaves it unchanged. */
export async function inDirectory(directory: string): Promise<SavedSan> {
  const file = join(directory, "simulated-san.json");
  const keys = join(directory, "simulated-keys");
  await mkdir(keys, { recursive: true, mode: 0o700 });
  const state = await readState(file);
  let writing: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const save = (current: SanState): Promise<void> => {
    if (!writing) {
      writing = replaceFile(file, `${JSON.stringify(current)}\n`).finally(() => {
        writing = null;
      });
      return writing;
    }
    // Changes during a write are written after it, in one write.
    next ??= writing
      .catch(() => {})
      .then(() => {
        next = null;
        return save(current);
      });
    return next;
  };
  return { state, save, key: (name) => readOrMakeKey(join(keys, name)) };
}

async function readState(file: string): Promise<SanState | null> {
  const text = await textOf(file);
  if (text === null) return null;
  const advice = "It was left as it is. Repair it, or move it away to start with a fresh simulated SAN";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`the simulated SAN in ${file} is not JSON (${(error as Error).message}). ${advice}`);
  }
  const parsed = sanStateSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`the simulated SAN in ${file} is damaged: ${issue?.path.join(".")}: ${issue?.message}. ${advice}`);
}

async function readOrMakeKey(file: string): Promise<string> {
  const text = await textOf(file);
  if (text !== null) {
    try {
      parseKey(text);
    } catch (error) {
      throw new Error(
        `the simulated SSH key in ${file} can't be used (${(error as Error).message}). It was left as it is. Move it away to get a new one`,
      );
    }
    return text;
  }
  const made = newKey();
  await replaceFile(file, made);
  return made;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
