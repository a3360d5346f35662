import type { CommandOutput, HostCommand } from "../core/host-command.ts";
import { inUnits, type Limits } from "../core/limits.ts";
import { type Outcome, unknown } from "../core/outcome.ts";

/** The output of a change decides little and must not interrupt it: many times what a package manager prints. */
const ofChange: Limits = { bytes: 16 * 1024 * 1024, lines: Number.POSITIVE_INFINITY, depth: 0 };

export const limitsOf = ({ limits }: HostCommand<unknown>): Limits => limits ?? ofChange;

/**
 * The answer of a host on which a tool printed more than is plausible. `instead`: the next command, which was not read.
 */
export function implausible(
  command: HostCommand<unknown>,
  instead: HostCommand<unknown> | null = null,
): Outcome<never> {
  const { bytes } = limitsOf(command);
  const why = `implausible: ${command.argv[0]} printed more than ${inUnits(bytes)}`;
  return unknown(instead === null ? why : `${instead.argv[0]} was not read, because the output before it is ${why}`);
}

/** Why this can't be the program's output; null if it can. It needs no memory of the output's size. */
export function whyImplausible(
  command: HostCommand<unknown>,
  { stdout, stderr }: CommandOutput,
): Outcome<never> | null {
  const { bytes, lines } = limitsOf(command);
  // A character takes at least one byte.
  const printed = stdout.length + stderr.length;
  if (printed > bytes) return implausible(command);
  if (printed > lines && (linesIn(stdout, lines) > lines || linesIn(stderr, lines) > lines)) {
    return unknown(`implausible: ${command.argv[0]} printed more than ${lines} lines`);
  }
  return null;
}

/** Stops counting once there are more than `most`. */
function linesIn(text: string, most: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1 && lines <= most; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
