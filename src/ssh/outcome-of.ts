import { type CommandOutput, type HostCommand, NotDone } from "../core/host-command.ts";
import { collectNotes } from "../core/not-understood.ts";
import { done, late, MOST_OUTPUT, type Outcome, refused, unknown } from "../core/outcome.ts";
import { PartTooLong, parsedInParts } from "../core/parts.ts";
import { whyImplausible } from "./output-limits.ts";
import { secondsOf } from "./shell-script.ts";

/** `timeout` ends with 124; with 137 if it had to kill the program. */
const timedOut: readonly number[] = [124, 137];
const stderrLimit = 4_000;

/**
 * The outcome of a command from its output. `user`: the user of the login. Without root, `sudo` may have refused.
 * `keepsOutput`: the outcome has the beginning of what the program printed. By default that of a change has it.
 */
export async function outcomeOf<T>(
  command: HostCommand<T>,
  output: CommandOutput,
  user: string,
  keepsOutput = command.effect !== "read",
): Promise<Outcome<T>> {
  const program = command.argv[0];
  if (timedOut.includes(output.exitCode)) return late(`${program} did not end within ${secondsOf(command)} s`);
  const sudo = user === "root" ? null : sudoRefusal(output);
  if (user !== "root" && isRefusedByHelper(output))
    return refused(
      `the root helper does not run this ${program} command for ${user}; send host prepare, which says why`,
    );
  if (sudo !== null)
    return refused(`sudo does not let ${user} run ${program}: ${sudo}; allow it with NOPASSWD in /etc/sudoers.d`);
  if (!command.exitCodes.includes(output.exitCode)) {
    // Some programs complain on standard output only (`multipathd resize map` prints "fail" there).
    const said = output.stderr.trim() === "" ? output.stdout : output.stderr;
    return { kind: "failed", exitCode: output.exitCode, stderr: said.slice(0, stderrLimit) };
  }
  const implausible = whyImplausible(command, output);
  if (implausible !== null) return implausible;
  try {
    const { notes: notUnderstood, note } = collectNotes();
    const value = await parsedInParts(command.parse, output, note);
    const printed = keepsOutput ? outputIn(output) : "";
    return {
      ...done(value, output.exitCode),
      ...(printed !== "" && { output: printed }),
      ...(notUnderstood.length === 0 ? {} : { notUnderstood }),
    };
  } catch (error) {
    if (error instanceof NotDone) {
      return { kind: "failed", exitCode: output.exitCode, stderr: error.said.slice(0, stderrLimit) };
    }
    if (error instanceof PartTooLong) return unknown(`implausible: ${program} printed ${error.message}`);
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

/** Nothing was run: `zstack-chatops-run: not in its list: wipefs --force /dev/sda`. */
const isRefusedByHelper = ({ exitCode, stdout, stderr }: CommandOutput): boolean =>
  exitCode === 126 && stdout === "" && stderr.startsWith("zstack-chatops-run: ");

/** Both outputs, for people. A copy: a part of a long text would keep all of it in memory. */
function outputIn({ stdout, stderr }: CommandOutput): string {
  const printed = [stdout, stderr].map((each) => each.slice(0, MOST_OUTPUT).trim()).filter((each) => each !== "");
  return Buffer.from(printed.join("\n").slice(0, MOST_OUTPUT)).toString();
}

/**
 * sudo ends with 1, which many programs do too, so its own words decide:
 *
 *     sudo: a password is required
 *     bot is not in the sudoers file.
 *     Sorry, user bot is not allowed to execute '/usr/bin/env …' as root on host1.
 *
 * `sudo: unable to resolve host …` and the like are only warnings; the refusal comes last.
 */
function sudoRefusal({ exitCode, stdout, stderr }: CommandOutput): string | null {
  if (exitCode !== 1 || stdout !== "") return null;
  const said =
    /^(sudo: (?!unable to resolve host).*|\S+ is not in the sudoers file.*|Sorry, user .* is not allowed .*)$/gm;
  return stderr.match(said)?.at(-1) ?? null;
}
