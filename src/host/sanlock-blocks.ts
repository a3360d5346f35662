import { OutputNotUnderstood } from "../core/host-command.ts";
import { linesOf } from "./lines.ts";

/** One unindented line and the `name=value` lines below it. */
export interface Block {
  readonly head: string;
  readonly values: ReadonlyMap<string, string>;
}

/** What `sanlock client` prints with -D, and without it: then no line has values. */
export function blocksOf(output: string): Block[] {
  const blocks: { head: string; values: Map<string, string> }[] = [];
  for (const line of linesOf(output)) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s+([a-z0-9_]+)=(.*)$/.exec(line) ?? [];
    const last = blocks.at(-1);
    if (name !== undefined && value !== undefined && last) last.values.set(name, value.trim());
    else if (/^\s/.test(line)) throw new OutputNotUnderstood("sanlock", line, "name=value below a line");
    else blocks.push({ head: line.trimEnd(), values: new Map() });
  }
  return blocks;
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
