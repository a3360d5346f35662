import { OutputNotUnderstood } from "../core/not-understood.ts";
import { listLeases } from "../host/sanlock.ts";
import type { Read } from "./output-forms.ts";

/** `sanlock client status` without -D lists only the lockspaces: a lost lease can't be recognised. */
export const statusWithoutDetails: Read = (output, note) => {
  const ownerName = /^daemon (\S+)/m.exec(output.stdout)?.[1];
  if (ownerName === undefined || /^\s+\w+=/m.test(output.stdout)) {
    throw new OutputNotUnderstood("sanlock", output.stdout.trim(), "daemon NAME, without name=value below it");
  }
  const leases = listLeases.parse(output, note) ?? [];
  const listed = leases.map((lease) => ({ ...lease, state: lease.state === "held" ? null : lease.state }));
  return { ownerName, usesWatchdog: null, renewals: null, leases: listed };
};
