import type { CommandOutput } from "../core/host-command.ts";
import { type Note, type NotUnderstood, OutputNotUnderstood } from "../core/not-understood.ts";

export type Read = (output: CommandOutput, note: Note) => unknown;

/**
 * The bot asks a tool for exactly what it needs. A person at a shell uses other options, and the tool prints another
 * form. The reading with the fewest lines that are not understood counts; the bot's own form goes first.
 */
export function bestReading(...readings: readonly [Read, ...Read[]]): Read {
  return (output, note) => {
    let best: Reading | null = null;
    let firstError: OutputNotUnderstood | null = null;
    for (const read of readings) {
      const reading = readingOf(read, output);
      if (reading instanceof OutputNotUnderstood) firstError ??= reading;
      else if (best === null || reading.notes.length < best.notes.length) best = reading;
      if (best?.notes.length === 0) break;
    }
    if (best === null) throw firstError;
    best.notes.forEach(note);
    return best.value;
  };
}

interface Reading {
  readonly value: unknown;
  readonly notes: readonly NotUnderstood[];
}

function readingOf(read: Read, output: CommandOutput): Reading | OutputNotUnderstood {
  const notes: NotUnderstood[] = [];
  try {
    return { value: read(output, (unclear) => notes.push(unclear)), notes };
  } catch (error) {
    if (error instanceof OutputNotUnderstood) return error;
    throw error;
  }
}
