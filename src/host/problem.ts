import { type HostCommand, lacksOption } from "../core/host-command.ts";
import { type Outcome, reasonOf } from "../core/outcome.ts";
import { isNeeded, packageNames, packageOf } from "./packages.ts";

/** Why a command did not answer, in one line for an operator; null where it did. */
export function problemOf(command: HostCommand<unknown>, outcome: Outcome): string | null {
  if (outcome.kind !== "failed") return reasonOf(outcome);
  const { exitCode, stderr } = outcome;
  const program = programOf(command.argv);
  if (exitCode === 127 || /^(timeout|env|sudo): .*(No such file or directory|command not found)/m.test(stderr)) {
    const packages = packageOf(program);
    if (packages === null) return `${program} is not installed`;
    const remedy = isNeeded(packages) ? ": /zstack host prepare … install=true installs it" : "";
    return `${program} is not installed; package ${packageNames(packages)}${remedy}`;
  }
  // Its first line only says which login failed.
  const why = program === "iscsiadm" ? /initiator reported error .*/.exec(stderr)?.[0] : undefined;
  const reason = `${program}: ${reasonOf({ ...outcome, stderr: why ?? stderr })}`;
  return lacksOption(stderr) ? `${reason} (this host's ${program} is too old)` : reason;
}

/** `env HOME=… wipefs …` runs wipefs. */
function programOf(argv: readonly string[]): string {
  const words = argv[0] === "env" ? argv.slice(1).filter((word) => !/^\w+=/.test(word)) : argv;
  return words[0] ?? "env";
}
