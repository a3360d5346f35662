import type { CommandOutput, HostCommand } from "../core/host-command.ts";
import { inUnits, type Limits } from "../core/limits.ts";
import { type Outcome, unknown } from "../core/outcome.ts";

/** What a change prints decides little, and must not end it half-way: many times what a package manager prints. */
const ofChange: Limits = { bytes: 16 * 1024 * 1024, lines: Number.POSITIVE_INFINITY, depth: 0 };

export const limitsOf = ({ limits }: HostCommand<unknown>): Limits => limits ?? ofChange;

/** The answer of a host on which a tool printed more than it honestly can. `instead`: what was asked after it, and not read. */
export function implausible(
  command: HostCommand<unknown>,
  instead: HostCommand<unknown> | null = null,
): Outcome<never> {
  const { bytes } = limitsOf(command);
  const why = `implausible: ${command.argv[0]} printed more than ${inUnits(bytes)}`;
  return unknown(instead === null ? why : `${instead.argv[0]} was not read, for the answer before it is ${why}`);
}

/** Why this can't be what the program printed; null if it can. Nothing is built for it, whatever its size. */
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
