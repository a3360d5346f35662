import { type HostCommand, lacksOption } from "../core/host-command.ts";
import { isNotInstalled } from "../core/not-installed.ts";
import { type Outcome, reasonOf } from "../core/outcome.ts";
import type { Fix } from "../core/refusal.ts";
import { isNeeded, packageNames, packageOf } from "./packages.ts";

/** Why a command did not answer, in one line for an operator; null if it did. */
export function problemOf(command: HostCommand<unknown>, outcome: Outcome): string | null {
  if (outcome.kind !== "failed") return reasonOf(outcome);
  const { stderr } = outcome;
  const program = programOf(command.argv);
  if (isNotInstalled(outcome) || /^(timeout|env|sudo): .*(No such file or directory|command not found)/m.test(stderr)) {
    const packages = packageOf(program);
    if (packages === null) return `${program} is not installed`;
    return `${program} is not installed; package ${packageNames(packages)}`;
  }
  if (program === "multipath" && stderr.includes(GIVES_UP)) return `${REJECTS}: ${rejected(stderr)}`;
  // Its first line only names the login that failed.
  const why = program === "iscsiadm" ? /initiator reported error .*/.exec(stderr)?.[0] : undefined;
  const reason = `${program}: ${reasonOf({ ...outcome, stderr: why ?? stderr })}`;
  return lacksOption(stderr) ? `${reason} (this host's ${program} is too old)` : reason;
}

const NOT_INSTALLED = /(\S+) is not installed; package (.+)$/;

/** Whether `host prepare` fixes it by installing a package. */
export function lacksPackage(problem: string): boolean {
  const [, program = ""] = NOT_INSTALLED.exec(problem) ?? [];
  const packages = packageOf(program);
  return packages !== null && isNeeded(packages);
}

/** What removes a problem of a host, if it is known. `host prepare` installs only what shared volume groups need. */
export function problemFixes(problem: string, host: string): readonly Fix[] {
  if (problem.startsWith(REJECTS)) return [`correct these settings on ${host}, then send the command again`];
  if (lacksPackage(problem)) return [{ run: `host prepare ${host} install=true` }];
  const name = NOT_INSTALLED.exec(problem)?.[2];
  return name === undefined ? [] : [`install package ${name} on ${host}, then send the command again`];
}

const REJECTS = "multipath rejects its settings";
const GIVES_UP = "error parsing config file";

/**
 * Everything that upstream's multipath rejects, because a person must fix all of it:
 *
 *     198.234995 | /etc/multipath.conf line 2, parsing failed: 	devnode "*"
 *     198.249192 | error parsing config file
 */
function rejected(stderr: string): string {
  const lines = stderr.split("\n").map((line) =>
    line
      .replace(/^[\d.]+ \| /, "")
      .replace(/\s+/g, " ")
      .trim(),
  );
  const said = lines.filter((line) => line !== "" && line !== GIVES_UP);
  return said.join("; ");
}

/** `env HOME=… wipefs …` runs wipefs. */
function programOf(argv: readonly string[]): string {
  const words = argv[0] === "env" ? argv.slice(1).filter((word) => !/^\w+=/.test(word)) : argv;
  return words[0] ?? "env";
}
