import type { Machine } from "./machine.ts";
import { type Place, passTime } from "./program.ts";
import { ConnectionCut, runProgram } from "./run-program.ts";
import { expandWords, parseShellLine, type SimpleCommand, SyntaxNotSimulated } from "./shell.ts";

/** The ends of one exec request. */
interface Ends {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdin: () => Promise<string>;
  /** Nobody listens any more: the next print would end the shell. */
  readonly isGone: () => boolean;
  readonly cut: () => void;
}

/** Runs a line as the login shell does and resolves to its exit code; null where the connection was cut meanwhile. */
export async function runLine(line: string, machine: Machine, ends: Ends): Promise<number | null> {
  const slow = machine.faults.find("slow");
  if (slow) await Promise.race([passTime(slow.ms, machine.power.signal), machine.faults.healed()]);
  const place: Place = {
    san: machine.san,
    host: machine.host,
    root: machine.host.user === "root",
    environment: { HOME: machine.host.user === "root" ? "/root" : `/home/${machine.host.user}` },
    stdin: ends.stdin,
    signal: machine.power.signal,
    lockStartMs: machine.lockStartMs,
  };
  try {
    return await runScript(line, machine, place, ends);
  } catch (error) {
    if (error instanceof ConnectionCut) return null;
    throw error;
  }
}

/** What it prints goes out at once, so that a connection that is cut has brought what came before. */
async function runScript(script: string, machine: Machine, place: Place, ends: Ends): Promise<number> {
  let commands: SimpleCommand[];
  try {
    commands = parseShellLine(script);
  } catch (error) {
    if (!(error instanceof SyntaxNotSimulated)) throw error;
    ends.stderr(`sh: syntax not simulated: ${error.message}\n`);
    return 2;
  }
  const run = {
    ...{ machine, place, cut: ends.cut },
    shell: (inner: string, within: Place) => runScript(inner, machine, within, ends),
  };
  let exitCode = 0;
  for (const command of commands) {
    if (ends.isGone()) throw new ConnectionCut();
    if (command.orElse && exitCode === 0) continue;
    const result = await runProgram(expandWords(command, exitCode), run);
    if (result.stdout !== "") (command.toStderr ? ends.stderr : ends.stdout)(result.stdout);
    if (result.stderr !== "") ends.stderr(result.stderr);
    exitCode = result.exitCode;
  }
  return exitCode;
}
