import type { Outcome } from "../core/outcome.ts";
import { isBusy } from "../host/multipathd.ts";
import type { Unit } from "../host/systemd.ts";

/** Programs that answer the reads of the watch, and that can be there and not answer. */
export const daemons = ["sanlock", "lvmlockd", "multipathd", "systemd"] as const;
export type Daemon = (typeof daemons)[number];

/** Which one each read asks. Reads of the kernel ask none. */
export function daemonOf(read: string): Daemon | null {
  const [name = ""] = read.split(" ");
  return asked[name] ?? null;
}
const asked: Readonly<Record<string, Daemon>> = {
  sanlock: "sanlock",
  leases: "sanlock",
  ids: "sanlock",
  lockspaces: "lvmlockd",
  paths: "multipathd",
  units: "systemd",
};

/** Whether the daemon took the question and gave no answer in time. multipathd's own client stops waiting after 4 s. */
export const isLate = (outcome: Outcome): boolean =>
  outcome.kind === "unknown" && (outcome.isLate === true || isBusy(outcome.reason));

/** The name of its unit. lvmlockd's has one of two names. */
export function unitOf(daemon: Daemon, units: readonly Unit[] | null): string {
  const own = units?.find(({ name, loaded }) => loaded && name.replace(/^lvm2-/, "") === `${daemon}.service`);
  return own?.name ?? `${daemon}.service`;
}

/** What is not known, or does not work, while it does not answer. */
export const withoutAnswerOf: Readonly<Record<Daemon, string>> = {
  sanlock: "its leases are not known to be renewed",
  lvmlockd: "no volume can be locked or unlocked there",
  multipathd: "its paths are not known to work",
  systemd: "its services are not known to run",
};
