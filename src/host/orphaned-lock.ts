import { type CommandOutput, type HostCommand, NotDone, OutputNotUnderstood } from "../core/host-command.ts";

/**
 * An lvmlockd that died leaves its lockspaces and locks with sanlock, and one that is started anew can't take them over:
 * `vgchange --lockstart` ends with 0, and lvmlockd has logged `add_lockspace_san add_lockspace error -17`, there already
 * (lvmlockd 2.03.16 with sanlock 3.8.5; `lvmlockd --adopt` finds only what was written down with that option before). So
 * they are given back to sanlock by its own client.
 */

/** Gives one lock back: sanlock hands it to a program that ends at once. `orphan` as in a `Lease`. */
export const releaseOrphan = (orphan: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["sanlock", "client", "command", "-r", orphan, "-O", "1", "-c", "/bin/true"],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
});

/** Gives the host's lease back. Where a lock in it is held still sanlock waits for as long as it is. `lockspace` as in a `Lease`. */
export const leaveLockspace = (lockspace: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["sanlock", "client", "rem_lockspace", "-s", lockspace],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: left,
});

/**
 *     rem_lockspace
 *     rem_lockspace done 0
 */
function left({ stdout, stderr }: CommandOutput): null {
  if (/^rem_lockspace done 0$/m.test(stdout)) return null;
  // The error's number, -115 apart, which says that it goes on.
  const refusal = /^rem_lockspace done (?!-115$)-\d+$/m.exec(stdout)?.[0];
  if (refusal !== undefined) throw new NotDone("sanlock", `${refusal}\n${stderr}`.trim());
  throw new OutputNotUnderstood("sanlock", `${stdout}${stderr}`.trim(), "rem_lockspace done 0");
}
