import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { yieldToOthers } from "../core/parts.ts";
import { fingerprintOf, isSignedBy } from "./audit-key.ts";
import { GroupCommit } from "./group-commit.ts";

export const CHECKPOINTS = "audit-checkpoints.jsonl";

/** The log is signed after every so many entries. */
export const SIGNED_EVERY = 1_000;

/** One line of the file: an entry of the log, and a signature that it has this number, hash and place. */
const checkpointSchema = z.strictObject({
  id: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the entry ends in the log, in bytes. */
  bytes: z.int().positive(),
  at: z.iso.datetime(),
  /** SPKI in base64. */
  publicKey: z.string().max(200),
  signature: z.string().max(200),
});
export type Checkpoint = z.output<typeof checkpointSchema>;

/** Without its signature. */
type Unsigned = Omit<Checkpoint, "signature">;

/** The text that is signed: these fields in this order, as JSON. */
const signedText = ({ id, hash, bytes, at, publicKey }: Unsigned): string =>
  JSON.stringify({ id, hash, bytes, at, publicKey });

interface Signer {
  readonly publicKey: string;
  sign(text: string): string;
}

export function signed(entry: Pick<Checkpoint, "id" | "hash" | "bytes">, at: string, key: Signer): Checkpoint {
  const unsigned = { id: entry.id, hash: entry.hash, bytes: entry.bytes, at, publicKey: key.publicKey };
  return { ...unsigned, signature: key.sign(signedText(unsigned)) };
}

/** What the file says; a line that was half written at a kill is no line. */
export interface ReadCheckpoints {
  readonly checkpoints: readonly Checkpoint[];
  /** Of the complete lines. */
  readonly bytes: number;
  /** The first line that is no checkpoint, or does not follow the one before it. */
  readonly problem: string | null;
}

export async function readCheckpoints(directory: string): Promise<ReadCheckpoints> {
  const text = await readFile(join(directory, CHECKPOINTS), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const checkpoints: Checkpoint[] = [];
  let problem: string | null = null;
  for (const [index, line] of whole.split("\n").slice(0, -1).entries()) {
    const read = checkpointIn(line);
    const last = checkpoints.at(-1);
    if (read === null || (last !== undefined && (read.id < last.id || read.bytes < last.bytes))) {
      problem = `line ${index + 1} of ${CHECKPOINTS} is no checkpoint that follows the one before it`;
      break;
    }
    checkpoints.push(read);
  }
  return { checkpoints, bytes: Buffer.byteLength(whole), problem };
}

function checkpointIn(line: string): Checkpoint | null {
  try {
    return checkpointSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** Why a checkpoint does not count, or null. */
export const wrongSignature = (checkpoint: Checkpoint): string | null =>
  isSignedBy(checkpoint.publicKey, signedText(checkpoint), checkpoint.signature)
    ? null
    : `the checkpoint of entry ${checkpoint.id} in ${CHECKPOINTS} has a wrong signature`;

const SIGNATURES_AT_ONCE = 20;

/** The first wrong signature, or null. A signature takes a tenth of a millisecond. */
export async function firstWrongSignature(checkpoints: readonly Checkpoint[]): Promise<string | null> {
  for (const [index, each] of checkpoints.entries()) {
    const wrong = wrongSignature(each);
    if (wrong !== null) return wrong;
    if (index % SIGNATURES_AT_ONCE === 0) await yieldToOthers();
  }
  return null;
}

/** The fingerprints of the keys that signed, each once, the oldest first. */
export const keysOf = (checkpoints: readonly Checkpoint[]): string[] =>
  [...new Set(checkpoints.map(({ publicKey }) => publicKey))].map(fingerprintOf);

/** Writes checkpoints. */
export class CheckpointWriter {
  readonly #file: FileHandle;
  readonly #commit: GroupCommit<Checkpoint, null>;
  /** The number of the last entry that was signed. */
  #last: number;

  private constructor(file: FileHandle, path: string, bytes: number, last: number) {
    this.#file = file;
    this.#last = last;
    this.#commit = new GroupCommit(file, path, bytes, (items) => ({
      bytes: Buffer.from(items.map((each) => `${JSON.stringify(each)}\n`).join("")),
      results: items.map(() => null),
      committed: () => {
        this.#last = items.at(-1)?.id ?? this.#last;
      },
    }));
  }

  static async open(directory: string, { bytes, checkpoints }: ReadCheckpoints): Promise<CheckpointWriter> {
    const path = join(directory, CHECKPOINTS);
    const file = await open(path, "a", 0o600);
    try {
      if ((await file.stat()).size > bytes) await file.truncate(bytes);
      return new CheckpointWriter(file, path, bytes, checkpoints.at(-1)?.id ?? 0);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get last(): number {
    return this.#last;
  }

  async append(checkpoint: Checkpoint): Promise<void> {
    await this.#commit.append(checkpoint);
  }

  async close(): Promise<void> {
    await this.#commit.close();
    await this.#file.close();
  }
}
