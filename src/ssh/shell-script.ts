import { type CommandOutput, type HostCommand, shellLine } from "../core/host-command.ts";
import { ROOT_HELPER } from "../host/root-helper/installed.ts";

/**
 * Host commands as a shell line, and the line's output as their outputs. Several commands share one SSH exec, one `env`
 * and one `sudo`, which can cost more than the commands. After each command, a mark with its exit code goes to standard
 * output and the bare mark to standard error. If a mark is missing, the result is unknown: the connection was cut
 * before or while the command ran.
 *
 *     printf '%s\n' 'MARK'; printf '%s\n' 'MARK' >&2;
 *     'sudo' '-n' 'env' 'LC_ALL=C' … 'sh' '-c' 'SCRIPT' || printf '\n%s never ran %d\n' 'MARK' "$?"; printf '\n%s\n' 'MARK' >&2
 *
 * SCRIPT (which itself ends with 0) begins with a mark on standard error. It separates sudo's own messages from the
 * first command: `sudo: unable to resolve host …`. Then it has, for each command:
 *
 *     'timeout' '--kill-after=5' '10' 'multipath' '-ll'; printf '\n%s %d\n' 'MARK' "$?"; printf '\n%s\n' 'MARK' >&2
 *
 * A command with `onlyIfActive` runs after this, which prints nothing. 3 means that systemd knows the unit, and that it
 * does not run. If systemd does not answer in time, it can't start the unit either, and the command runs:
 *
 *     'timeout' '--kill-after=5' '2' 'systemctl' 'is-active' '--quiet' 'UNIT'; test "$?" -ne 3 && 'timeout' …
 *
 * The leading marks separate the output of a login shell's start-up files.
 */
export function shellScript(commands: readonly HostCommand<unknown>[], user: string, mark: string): string {
  const quoted = shellLine([mark]);
  const markStderr = endOfStderr(mark);
  const runs = commands.flatMap((command) => [...lineOf(command), `printf '\\n%s %d\\n' ${quoted} "$?"`, markStderr]);
  return marked(shellLine([...asRoot(user), "sh", "-c", [markStderr, ...runs].join("; ")]), mark);
}

const endOfStderr = (mark: string): string => `printf '\\n%s\\n' ${shellLine([mark])} >&2`;

function marked(line: string, mark: string): string {
  const quoted = shellLine([mark]);
  return [
    `printf '%s\\n' ${quoted}`,
    `printf '%s\\n' ${quoted} >&2`,
    `${line} || printf '\\n%s never ran %d\\n' ${quoted} "$?"`,
    endOfStderr(mark),
  ].join("; ");
}

const WITH_HELPER = shellLine(["sudo", "-n", ROOT_HELPER]);

/** The line for the root helper, which prints the same marks. `helperRequest` is its standard input. */
export const helperScript = (mark: string): string => marked(WITH_HELPER, mark);

/** Shows the version of the root helper, if there is one. `helperRequest` without commands is its standard input. */
export const helperVersionScript = (mark: string): string =>
  marked(`${shellLine(["test", "-x", ROOT_HELPER])} && ${WITH_HELPER}`, mark);

/** Whether sudo lets the user run any program. */
export const anyProgramScript = (mark: string): string => marked(shellLine([...asRoot("any"), "true"]), mark);

function lineOf(command: HostCommand<unknown>): string[] {
  const line = shellLine(argvWithTimeout(command));
  const unit = command.onlyIfActive;
  if (unit === undefined) return [line];
  const isActive = [...limited(IS_ACTIVE_S), "systemctl", "is-active", "--quiet", unit];
  return [shellLine(isActive), `test "$?" -ne 3 && ${line}`];
}

/** systemd answers it from memory. */
const IS_ACTIVE_S = 2;

/** `env` fixes the language and finds tools in sbin for any user. */
function asRoot(user: string): string[] {
  const environment = ["env", "LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
  return user === "root" ? environment : ["sudo", "-n", ...environment];
}

/** `timeout` limits the command on the host even if the bot is gone. */
export const argvWithTimeout = (command: HostCommand<unknown>): string[] => [
  ...limited(secondsOf(command)),
  ...command.argv,
];

const limited = (seconds: number): string[] => ["timeout", "--kill-after=5", String(seconds)];

/** How long the host may need for it, with what it asks systemd before. */
export const longestSecondsOf = (command: HostCommand<unknown>): number =>
  secondsOf(command) + (command.onlyIfActive === undefined ? 0 : IS_ACTIVE_S);

/** `timeout 0` would be no limit at all. */
export const secondsOf = (command: HostCommand<unknown>): number => Math.max(1, Math.ceil(command.timeoutMs / 1000));

/**
 * One output for each command, in order; null if the result is lost. If `sudo`, `env` or `sh` ended before the first
 * command, its message is the output of all.
 */
export function outputsOf(stdout: string, stderr: string, mark: string, count: number): (CommandOutput | null)[] {
  const outs = stretches(stdout, mark, / (\d+)\n/y);
  const errs = stretches(stderr, mark, /()\n/y);
  const [neverRan] = outs.length === 0 ? stretches(stdout, mark, beforeAny) : [];
  return Array.from({ length: count }, (_, index) => {
    const [out, err] = neverRan === undefined ? [outs[index], errs[index + 1]] : [neverRan, errs[0]];
    return out && err ? { stdout: out.text, stderr: err.text, exitCode: Number(out.rest) } : null;
  });
}

/** sudo refuses with 1, `env` and shells with 126 and 127; with other codes `sh` was ended while a command ran. */
const beforeAny = / never ran (1|126|127)\n/y;

/** Whether the line ended before the first command: nothing was run. */
export const ranNothing = (stdout: string, mark: string): boolean =>
  stretches(stdout, mark, / (\d+)\n/y).length === 0 && stretches(stdout, mark, beforeAny).length > 0;

/**
 * The text between the marks. Only a mark on its own line counts: a program that lists processes prints the shell's
 * command line with its marks.
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
