import { MOST_ODD, OutputNotUnderstood } from "../core/not-understood.ts";
import { linesOf } from "./lines.ts";

/** One unindented line and the `name=value` lines below it. */
export interface Block {
  readonly head: string;
  readonly values: ReadonlyMap<string, string>;
  /** A line in it that is none of them: what stands below may be of another block. */
  readonly odd: OutputNotUnderstood | null;
}

/** What `sanlock client` prints with -D, and without it: then no line has values. */
export function blocksOf(output: string, { isHead, expected }: Heads): Block[] {
  const blocks: { head: string; values: Map<string, string>; odd: OutputNotUnderstood | null; isOddHead: boolean }[] =
    [];
  let oddLines = 0;
  for (const line of linesOf(output)) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s+([a-z0-9_]+)=(.*)$/.exec(line) ?? [];
    const last = blocks.at(-1);
    if (name !== undefined && value !== undefined && last) last.values.set(name, value.trim());
    else if (isHead(line)) blocks.push({ head: line.trimEnd(), values: new Map(), odd: null, isOddHead: false });
    else {
      const odd = new OutputNotUnderstood("sanlock", line.trim(), `${expected}, or name=value below a line`);
      if (++oddLines > MOST_ODD) throw odd;
      if (!/^\s/.test(line)) blocks.push({ head: line.trimEnd(), values: new Map(), odd, isOddHead: true });
      else if (last === undefined) throw odd;
      else last.odd ??= odd;
    }
  }
  for (const [index, { odd, values, isOddHead }] of blocks.entries()) {
    const before = blocks[index - 1];
    // The values may be those of the block before.
    if (isOddHead && values.size > 0 && before !== undefined) before.odd ??= odd;
  }
  return blocks;
}

/** The lines that begin a block. */
export interface Heads {
  isHead(line: string): boolean;
  readonly expected: string;
}
export const STATUS: Heads = {
  isHead: (line) => /^(?:daemon \S|p -?\d+ |[sr] [^:\s]+:)/.test(line),
  expected: "daemon, p, s or r",
};

/** The lockspace that a line of the status is about; null for one that may be about any. */
export function lockspaceOf({ head }: Block): string[] | null {
  const name = /^[sr] lvm_([^:\s]+):/.exec(head)?.[1];
  if (name !== undefined) return [name];
  return /^[sr] /.test(head) && !/^[sr] [^:\s]+:/.test(head) ? null : [];
}

export function numberIn({ head, values }: Block, name: string): number {
  const value = values.get(name);
  if (value === undefined || !/^-?\d+$/.test(value)) {
    throw new OutputNotUnderstood("sanlock", `${head}: ${name}=${value ?? ""}`, `a number for ${name}`);
  }
  return Number(value);
}

/** Without the daemon, or outside the lockspace, it ends with 1 and says nothing more. */
export function notRunning(stdout: string, stderr: string): null {
  if (`${stdout}${stderr}`.trim() === "") return null;
  throw new OutputNotUnderstood("sanlock", `${stdout}${stderr}`.trim(), "its status");
}
