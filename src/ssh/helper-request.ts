import type { HostCommand } from "../core/host-command.ts";
import { secondsOf } from "./shell-script.ts";

/**
 * Standard input of the root helper: each field with a byte 0 at its end, then the standard input of the command. The
 * number of its bytes shows the root helper that the request is complete. Secrets are in no argument list this way.
 */
export function helperRequest(commands: readonly HostCommand<unknown>[], mark: string): string {
  const input = commands[0]?.stdin ?? "";
  const fields = commands.flatMap((command) => [
    ...[secondsOf(command), command.onlyIfActive ?? "", command.argv.length],
    ...command.argv,
  ]);
  const all = ["zstack-chatops-run", 1, mark, commands.length, Buffer.byteLength(input), ...fields];
  return `${all.map((field) => `${field}\0`).join("")}${input}`;
}
