import { stat } from "node:fs/promises";
import type { Guest } from "./guest.ts";
import { luns } from "./luns.ts";
import { run } from "./places.ts";
import type { LabState } from "./state.ts";

/** What runs, what was broken on purpose and what the array offers. */
export async function statusLines(state: LabState, guests: readonly Guest[]): Promise<string[]> {
  const offered = luns.map(async (lun) => {
    const gib = (await stat(run.lun(lun.name))).size / 1024 ** 3;
    return `  ${lun.name.padEnd(13)} ${lun.transport.padEnd(7)} ${lun.wwid.padEnd(34)} ${gib} GiB`;
  });
  return [
    `the lab runs since ${state.startedAt} (pid ${state.pid})`,
    ...guests.map((guest) => `  ${guest.name}  ${[runs(guest), ...faultsOf(guest)].join("; ")}`),
    "LUNs",
    ...(await Promise.all(offered)),
  ];
}

function runs(guest: Guest): string {
  const { user } = guest.parts.design;
  const where = `${user}@127.0.0.1 port ${guest.parts.sshRelay.port}`;
  return guest.pid === null ? `${where}, not running` : `${where}, pid ${guest.pid}`;
}

function faultsOf(guest: Guest): string[] {
  const { sshRelay, portalRelays } = guest.parts;
  const relays = [
    ["ssh", sshRelay] as const,
    ...portalRelays.map((relay, index) => [`portal ${index + 1}`, relay] as const),
  ];
  const failing = relays.flatMap(([name, relay]) => (relay.fault === null ? [] : [`${name} ${relay.fault}`]));
  const paths = [["offline", guest.offline] as const, ["not shown", guest.unmapped] as const];
  return [
    ...failing,
    ...paths.flatMap(([what, names]) => (names.size === 0 ? [] : `${what}: ${[...names].join(", ")}`)),
  ];
}
