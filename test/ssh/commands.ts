import type { CommandOutput, Effect, HostCommand, ReadCommand } from "../../src/core/host-command.ts";
import { FEW } from "../../src/core/limits.ts";

type Argv = HostCommand<CommandOutput>["argv"];
type Options = Partial<Pick<HostCommand<CommandOutput>, "stdin" | "timeoutMs" | "exitCodes" | "limits">>;

const command = <E extends Effect>(effect: E, argv: Argv, options: Options): HostCommand<CommandOutput, E> => ({
  effect,
  argv,
  timeoutMs: 5_000,
  exitCodes: [0],
  parse: (output) => output,
  ...options,
});
/** A read that answers what came back, whole. */
export const read = (argv: Argv, options: Options = {}): ReadCommand<CommandOutput> => ({
  ...command("read", argv, options),
  limits: options.limits ?? FEW,
});
export const change = (argv: Argv, options: Options = {}) => command("change", argv, options);
/** A script for the test's own shell; the bot's commands never are. */
export const script = (text: string, options: Options = {}) => read(["sh", "-c", text], options);
