import { type HostCommand, lacksOption } from "../core/host-command.ts";
import { isNotInstalled } from "../core/not-installed.ts";
import { type Outcome, reasonOf } from "../core/outcome.ts";
import { isNeeded, packageNames, packageOf } from "./packages.ts";

/** Why a command did not answer, in one line for an operator; null where it did. */
export function problemOf(command: HostCommand<unknown>, outcome: Outcome): string | null {
  if (outcome.kind !== "failed") return reasonOf(outcome);
  const { stderr } = outcome;
  const program = programOf(command.argv);
  if (isNotInstalled(outcome) || /^(timeout|env|sudo): .*(No such file or directory|command not found)/m.test(stderr)) {
    const packages = packageOf(program);
    if (packages === null) return `${program} is not installed`;
    const remedy = isNeeded(packages) ? INSTALLS : "";
    return `${program} is not installed; package ${packageNames(packages)}${remedy}`;
  }
  if (program === "multipath" && stderr.includes(GIVES_UP))
    return `multipath gives up on its settings: ${rejected(stderr)}`;
  // Its first line only says which login failed.
  const why = program === "iscsiadm" ? /initiator reported error .*/.exec(stderr)?.[0] : undefined;
  const reason = `${program}: ${reasonOf({ ...outcome, stderr: why ?? stderr })}`;
  return lacksOption(stderr) ? `${reason} (this host's ${program} is too old)` : reason;
}

const INSTALLS = ": /zstack host prepare … install=true installs it";

/** Whether `host prepare` mends it by installing a package. */
export const lacksPackage = (problem: string): boolean => problem.endsWith(INSTALLS);

const GIVES_UP = "error parsing config file";

/**
 * What upstream's multipath does not read, all of it, since a person has to mend it all:
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
  return `${said.join("; ")}: mend that on the host, then type the same words again`;
}

/** `env HOME=… wipefs …` runs wipefs. */
function programOf(argv: readonly string[]): string {
  const words = argv[0] === "env" ? argv.slice(1).filter((word) => !/^\w+=/.test(word)) : argv;
  return words[0] ?? "env";
}
