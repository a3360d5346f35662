import { access, open, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Refusal, reason } from "../core/refusal.ts";

/** For the user of the terminal alone: an audit log names people and hosts. */
const MODE = 0o600;

/** The files of an answer, in the folder of the terminal. A file that exists is never overwritten. */
export class AnswerFiles {
  readonly #folder: string;
  readonly #pieces = new Map<string, string[]>();
  readonly #complete: string[] = [];

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  take({ name, text, isLast }: { readonly name: string; readonly text: string; readonly isLast: boolean }): void {
    const pieces = this.#pieces.get(name) ?? [];
    this.#pieces.set(name, pieces);
    pieces.push(text);
    if (isLast) this.#complete.push(name);
  }

  /** All files or none. Resolves to their paths. Throws a Refusal that names the file and why. */
  async write(): Promise<readonly string[]> {
    const paths = new Map(this.#complete.map((name) => [name, join(this.#folder, basename(name))]));
    const existing: string[] = [];
    for (const path of paths.values()) {
      const isThere = await access(path).then(
        () => true,
        () => false,
      );
      if (isThere) existing.push(path);
    }
    if (existing.length > 0) throw exists(existing);
    const written: string[] = [];
    for (const [name, path] of paths) {
      try {
        await writeNew(path, (this.#pieces.get(name) ?? []).join(""), () => written.push(path));
      } catch (error) {
        for (const each of written) await rm(each, { force: true });
        throw isTaken(error) ? exists([path]) : notWritten(path, error);
      }
    }
    return written;
  }
}

/** `begun` is called when the file is made. */
async function writeNew(path: string, text: string, begun: () => void): Promise<void> {
  const file = await open(path, "wx", MODE);
  try {
    begun();
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

const isTaken = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EEXIST";

const exists = (paths: readonly string[]): Refusal =>
  refused(
    `${paths.join(" and ")} ${paths.length === 1 ? "exists" : "exist"} already`,
    "move it away, or name another folder with --folder",
  );

const notWritten = (path: string, error: unknown): Refusal =>
  refused(
    `${path} can't be written: ${error instanceof Error ? error.message : String(error)}`,
    "name a folder that you may write with --folder",
  );

const refused = (why: string, fix: string): Refusal =>
  new Refusal("The files of the answer are not written", reason("TERMINAL_REFUSED", why, fix));
