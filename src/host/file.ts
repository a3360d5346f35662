import { type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, ONE } from "../core/limits.ts";
import { linesOf } from "./output.ts";

/** The text of a file; null where there is none. A byte that is not UTF-8 would be lost where the whole file is written back. */
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

/** What is not UTF-8 arrives as U+FFFD. */
function utf8(path: string, text: string): string {
  const strange = linesOf(text).find((line) => line.includes("\uFFFD"));
  if (strange === undefined) return text;
  throw new OutputNotUnderstood("cat", strange, `text in UTF-8 (${path} is not UTF-8; change it by hand)`);
}

/** Where a path leads once every link is followed, also where nothing is there: `/etc/multipath.conf` may be a link to a file that is kept elsewhere. */
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

/** `mode` in octal, `0700`; a directory that is there keeps its own. */
export const makeDirectory = (path: string, mode: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["mkdir", "-p", "-m", mode, "--", path],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: () => null,
});

/** Puts the file in the place of another in one step: who reads it sees the one or the other, whole. */
export const moveFile = (from: string, to: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["mv", "--force", "--no-target-directory", "--", from, to],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: () => null,
});

/** A copy with the mode, owner, times and SELinux context of the file; of what a link leads to, not of the link. */
export const copyFile = (from: string, to: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["cp", "--dereference", "--preserve=all", "--no-target-directory", "--", from, to],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: () => null,
});

/** Writes the file's text. One that a program may read meanwhile is written beside it and moved. */
export const writeTextFile = (path: string, content: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["tee", "--", path],
  stdin: content,
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: () => null,
});
