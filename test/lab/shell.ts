import type { CommandOutput, HostCommand, ReadCommand } from "../../src/core/host-command.ts";
import type { Host } from "../../src/core/inventory.ts";
import { TREE } from "../../src/core/limits.ts";
import type { SshHosts } from "../../src/ssh/sessions.ts";

interface ShellOptions {
  readonly stdin?: string;
  readonly timeoutMs?: number;
}

/** Runs a program in a guest as root. Any exit code is an answer. Rejects if the guest does not answer. */
export async function inGuest(
  hosts: SshHosts,
  host: Host,
  argv: readonly [string, ...string[]],
  { stdin, timeoutMs = 240_000 }: ShellOptions = {},
): Promise<CommandOutput> {
  const outcome = await hosts.run(host, asPrinted({ argv, timeoutMs, ...(stdin === undefined ? {} : { stdin }) }));
  if (outcome.kind === "done") return outcome.value;
  throw new Error(`${host.name}: ${argv.join(" ")}: ${outcome.kind === "failed" ? outcome.stderr : outcome.reason}`);
}

/** The command with its output unparsed. */
export const asPrinted = (
  command: Pick<HostCommand<unknown>, "argv" | "stdin" | "timeoutMs">,
): ReadCommand<CommandOutput> => ({
  ...command,
  effect: "read",
  limits: TREE,
  exitCodes: Array.from({ length: 256 }, (_, code) => code),
  parse: (output) => output,
});
