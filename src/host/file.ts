import { change } from "../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, ONE } from "../core/limits.ts";
import { linesOf } from "./output.ts";

/**
 * The text of a file; null if there is no file. Bytes that are not UTF-8 would be lost when the file is written back.
 */
export const readTextFile = (path: string): ReadCommand<string | null> => ({
  effect: "read",
  argv: ["cat", "--", path],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 0) return utf8(path, stdout);
    if (stderr.includes("No such file or directory")) return null;
    throw new OutputNotUnderstood("cat", stderr.trim(), `the text of ${path}, or none`);
  },
});

/** Bytes that are not UTF-8 arrive as U+FFFD. */
function utf8(path: string, text: string): string {
  const unexpected = linesOf(text).find((line) => line.includes("\uFFFD"));
  if (unexpected === undefined) return text;
  throw new OutputNotUnderstood("cat", unexpected, `text in UTF-8 (${path} is not UTF-8; change it by hand)`);
}

/**
 * The target of a path after all links, also if it does not exist: `/etc/multipath.conf` may be a link to another file.
 */
export const readRealPath = (path: string): ReadCommand<string> => ({
  effect: "read",
  argv: ["readlink", "--canonicalize-missing", "--", path],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0],
  parse: ({ stdout }) => {
    const found = stdout.replace(/\n$/, "");
    if (!/^\/[^\n]*$/.test(found)) throw new OutputNotUnderstood("readlink", stdout.slice(0, 200), "a path");
    return found;
  },
});

/** `mode` in octal, `0700`; an existing directory keeps its mode. */
export const makeDirectory = (path: string, mode: string) =>
  change(["mkdir", "-p", "-m", mode, "--", path], { timeoutMs: 10_000 });

/** Replaces a file by another in one step. A reader sees either the old file or the new one, complete. */
export const moveFile = (from: string, to: string) =>
  change(["mv", "--force", "--no-target-directory", "--", from, to], { timeoutMs: 10_000 });

/** A copy with the mode, owner, times and SELinux context of the file; of the target of a link, not of the link. */
export const copyFile = (from: string, to: string) =>
  change(["cp", "--dereference", "--preserve=all", "--no-target-directory", "--", from, to], { timeoutMs: 10_000 });

/** Writes the file's text. If a program may read the file, write a new file next to it and move it. */
export const writeTextFile = (path: string, content: string) =>
  change(["tee", "--", path], { stdin: content, timeoutMs: 10_000 });
