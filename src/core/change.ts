import type { Destruction, HostCommand, Lost } from "./host-command.ts";

type Argv = HostCommand<null>["argv"];
/** Without exit codes of its own, 0 alone is success. */
type Options<C extends HostCommand<null>> = Pick<C, "timeoutMs"> & Partial<Omit<C, "effect" | "loses" | "argv">>;

/** A command that changes a host. Without a `parse` of its own nothing of its output is read. */
export const change = (argv: Argv, options: Options<HostCommand<null, "change">>): HostCommand<null, "change"> => ({
  effect: "change",
  argv,
  exitCodes: [0],
  parse: () => null,
  ...options,
});

/** A command that destroys what a LUN holds, or takes the power of a VM. */
export const destruction = <L extends Lost>(
  loses: L,
  argv: Argv,
  options: Options<Destruction<null, L>>,
): Destruction<null, L> => ({ effect: "destroy", loses, argv, exitCodes: [0], parse: () => null, ...options });
