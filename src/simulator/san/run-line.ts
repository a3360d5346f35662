import type { HostRuntime } from "./host-runtime.ts";
import { type Live, type Place, passTime } from "./program.ts";
import { ConnectionCut, runProgram } from "./run-program.ts";
import { expandWords, parseShellLine, type SimpleCommand, SyntaxNotSimulated } from "./shell.ts";

/** The ends of one exec request. */
interface Ends {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdin: () => Promise<string>;
  /** Aborted if the connection is closed, where the next output would end the shell, and by a signal of the client. */
  readonly ended: AbortSignal;
  readonly cut: () => void;
}

/** Runs a line as the login shell does and resolves to its exit code; null if the connection was cut before. */
export async function runLine(line: string, runtime: HostRuntime, ends: Ends): Promise<number | null> {
  const slow = runtime.faults.find("slow");
  if (slow) await Promise.race([passTime(slow.ms, runtime.power.signal), runtime.faults.healed()]);
  const live: Live = { print: ends.stdout, ended: ends.ended, kernelEvents: runtime.kernelEvents };
  const place: Place = {
    san: runtime.san,
    host: runtime.host,
    root: runtime.host.user === "root",
    environment: { HOME: runtime.host.user === "root" ? "/root" : `/home/${runtime.host.user}` },
    stdin: ends.stdin,
    signal: runtime.power.signal,
    lockStartMs: runtime.lockStartMs,
    resume: () => undefined,
    live,
  };
  try {
    return await runScript(line, runtime, place, ends, line);
  } catch (error) {
    if (error instanceof ConnectionCut) return null;
    throw error;
  }
}

/** Output is sent at once, so that a cut connection has delivered the earlier output. */
async function runScript(
  script: string,
  runtime: HostRuntime,
  place: Place,
  ends: Ends,
  line: string,
): Promise<number> {
  let commands: SimpleCommand[];
  try {
    commands = parseShellLine(script);
  } catch (error) {
    if (!(error instanceof SyntaxNotSimulated)) throw error;
    ends.stderr(`sh: syntax not simulated: ${error.message}\n`);
    return 2;
  }
  const run = {
    ...{ runtime, place, line, cut: ends.cut },
    shell: (inner: string, within: Place) => runScript(inner, runtime, within, ends, line),
  };
  let exitCode = 0;
  for (const command of commands) {
    if (ends.ended.aborted) throw new ConnectionCut();
    if ((command.orElse && exitCode === 0) || (command.andThen && exitCode !== 0)) continue;
    const print = command.toStderr ? ends.stderr : ends.stdout;
    const live = { ...place.live, print };
    const words = expandWords(command, exitCode);
    // The program takes the place of the shell.
    const replaces = words[0] === "exec";
    const result = await runProgram(replaces ? words.slice(1) : words, { ...run, place: { ...place, live } });
    if (result.stdout !== "") print(result.stdout);
    if (result.stderr !== "") ends.stderr(result.stderr);
    exitCode = result.exitCode;
    if (replaces) break;
  }
  return exitCode;
}
