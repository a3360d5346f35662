import { type CommandOutput, type HostCommand, shellLine } from "../core/host-command.ts";

/**
 * What a host command becomes on the wire, and back. Several commands share one SSH exec: after each, a mark with its
 * exit code goes to standard output and the bare mark to standard error. A command whose mark is missing is unknown:
 * the connection was cut before or while it ran.
 *
 *     printf '%s\n' 'MARK'; printf '%s\n' 'MARK' >&2; 'env' 'LC_ALL=C' … 'multipath' '-ll'; printf '\n%s %d\n' 'MARK' "$?"; printf '\n%s\n' 'MARK' >&2
 *
 * The leading marks separate what a login shell's start-up files print.
 */
export function wireLine(commands: readonly HostCommand<unknown>[], user: string, mark: string): string {
  const quoted = shellLine([mark]);
  const start = [`printf '%s\\n' ${quoted}`, `printf '%s\\n' ${quoted} >&2`];
  const runs = commands.flatMap((command) => [
    shellLine(wireArgv(command, user)),
    `printf '\\n%s %d\\n' ${quoted} "$?"`,
    `printf '\\n%s\\n' ${quoted} >&2`,
  ]);
  return [...start, ...runs].join("; ");
}

/** `env` fixes the language and finds tools in sbin for any user; `timeout` holds on the host even when the bot is gone. */
export function wireArgv(command: HostCommand<unknown>, user: string): string[] {
  const seconds = String(secondsOf(command));
  const environment = ["env", "LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
  const run = [...environment, "timeout", "--kill-after=5", seconds, ...command.argv];
  return user === "root" ? run : ["sudo", "-n", ...run];
}

/** `timeout 0` would be no limit at all. */
export const secondsOf = (command: HostCommand<unknown>): number => Math.max(1, Math.ceil(command.timeoutMs / 1000));

/** One output for each command, in order; null where the command's end was not seen. */
export function unwire(stdout: string, stderr: string, mark: string, count: number): (CommandOutput | null)[] {
  const outs = stretches(stdout, mark, / (\d+)\n/y);
  const errs = stretches(stderr, mark, /()\n/y);
  return Array.from({ length: count }, (_, index) => {
    const [out, err] = [outs[index], errs[index]];
    return out && err ? { stdout: out.text, stderr: err.text, exitCode: Number(out.rest) } : null;
  });
}

/**
 * What stands between the marks. Only a mark on a line of its own counts: a program that lists processes prints the
 * shell's own command line, marks included.
 */
function stretches(output: string, mark: string, rest: RegExp): { text: string; rest: string }[] {
  const found: { text: string; rest: string }[] = [];
  // The first mark may follow a prompt or greeting without a newline.
  const opening = output.indexOf(`${mark}\n`);
  if (opening === -1) return found;
  const end = `\n${mark}`;
  let from = opening + mark.length + 1;
  for (let at = output.indexOf(end, from); at !== -1; at = output.indexOf(end, at + 1)) {
    rest.lastIndex = at + end.length;
    const match = rest.exec(output);
    if (match === null) continue;
    found.push({ text: output.slice(from, at), rest: match[1] ?? "" });
    from = rest.lastIndex;
  }
  return found;
}
