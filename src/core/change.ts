import type { Destruction, HostCommand, Lost } from "./host-command.ts";

type Argv = HostCommand<null>["argv"];
/** Without `exitCodes`, only exit code 0 is success. */
type Options<C extends HostCommand<null>> = Pick<C, "timeoutMs"> & Partial<Omit<C, "effect" | "loses" | "argv">>;

/** A command that changes a host. Without `parse`, its output is not read. */
export const change = (argv: Argv, options: Options<HostCommand<null, "change">>): HostCommand<null, "change"> => ({
  effect: "change",
  argv,
  exitCodes: [0],
  parse: () => null,
  ...options,
});

/** A command that destroys the data on a LUN, or switches off a VM. */
export const destruction = <L extends Lost>(
  loses: L,
  argv: Argv,
  options: Options<Destruction<null, L>>,
): Destruction<null, L> => ({ effect: "destroy", loses, argv, exitCodes: [0], parse: () => null, ...options });
