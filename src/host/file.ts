import { type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";

/** The text of a file; null where there is none. */
export const readTextFile = (path: string): ReadCommand<string | null> => ({
  effect: "read",
  argv: ["cat", "--", path],
  timeoutMs: 10_000,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 0) return stdout;
    if (stderr.includes("No such file or directory")) return null;
    throw new OutputNotUnderstood("cat", stderr.trim(), `the text of ${path}, or none`);
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
