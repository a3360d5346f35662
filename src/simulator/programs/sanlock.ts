import { volumeUuid } from "../san/devices.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import type { San } from "../san/san.ts";
import type { SanHost } from "../san/san-state.ts";
import { findFile } from "./file-tree.ts";
import { daemonName, lastRenewal, leaveLockspaces, lockedVolumes, ownerName, spaceOf } from "./host-leases.ts";
import { isActive } from "./start-lockspace.ts";

/**
 * `sanlock client status [-D]`, `client host_status -D -s LOCKSPACE`, and the commands that release what a dead
 * lvmlockd has left: `client command -r LOCK -O 1 -c PROGRAM`, `client rem_lockspace -s LOCKSPACE`. Without the daemon
 * they print nothing and end with 1.
 */
export const sanlock: Program = ([word, action = "", ...args], place) => {
  const debug = args.includes("-D");
  const [name = ""] = args.filter((_arg, index) => args[index - 1] === "-s");
  const perform: Readonly<Record<string, () => Result>> = {
    status: () => (runs ? status(debug, place) : printed("", 1)),
    host_status: () => hostStatus(name, debug, runs, place),
    command: () =>
      runs && args.join(" ").endsWith(" -O 1 -c /bin/true") ? release(args[1] ?? "", place) : printed("", 1),
    rem_lockspace: () => (runs ? removeLockspace(name, place) : printed("", 1)),
  };
  const runs = isActive(place.host, "sanlock.service");
  return word === "client" && perform[action] !== undefined
    ? perform[action]()
    : complained(`sanlock: not simulated: ${[word, action, ...args].join(" ")}\n`, 2);
};

/** Seconds of the monotonic clock: since the boot of the host, long ago. */
const monotonic = (atMs: number): number => Math.floor(atMs / 1000) - 1_700_000_000;

function status(debug: boolean, { san, host }: Place): Result {
  const now = Date.now();
  const locker = isActive(host, "lvmlockd.service") ? ["p 1204 lvmlockd"] : [];
  const kept = host.lockspaces.filter((lockspace) => spaceOf(host, lockspace, now) !== "gone");
  const spaces = kept.flatMap((lockspace) => {
    const dead = Number(spaceOf(host, lockspace, now) === "dead");
    const renewed = monotonic(lastRenewal(lockspace, now));
    const values = [
      "list=spaces",
      "io_timeout=10",
      "host_generation=1",
      `renew_fail=${dead}`,
      `space_dead=${dead}`,
      `killing_pids=${dead}`,
      `renewal_last_result=${lockspace.staleSince === null ? 1 : -202}`,
      `renewal_last_attempt=${lockspace.staleSince === null ? renewed : monotonic(now)}`,
      `renewal_last_success=${renewed}`,
    ];
    return [`s ${spaceName(lockspace, san)}`, ...values.map(indented)];
  });
  const locks = kept.flatMap((lockspace) => [
    ...(lockspace.joined ? lockedVolumes(host, lockspace.volumeGroupUuid) : []).map(
      (volume) => `r ${lockName(lockspace, volume, san)} p 1204`,
    ),
    ...lockspace.orphans.map((volume) => `r ${lockName(lockspace, volume, san)} p 1204 ORPHAN`),
  ]);
  const watchdog = /^\s*use_watchdog\s*=\s*(\d+)/m.exec(findFile(host, "/etc/sanlock/sanlock.conf")?.content ?? "");
  const daemon = [`use_watchdog=${watchdog?.[1] ?? 1}`, `monotime=${monotonic(now)}`].map(indented);
  const lines = [
    `daemon ${daemonName(host)}`,
    ...daemon,
    "p -1 helper",
    "p -1 listener",
    ...locker,
    "p -1 status",
    ...spaces,
    ...locks,
  ];
  return printed(
    lines
      .filter((line) => debug || !line.startsWith(" "))
      .map((line) => `${line}\n`)
      .join(""),
  );
}

type Lockspace = SanHost["lockspaces"][number];

const spaceName = ({ volumeGroupUuid, hostId }: Lockspace, san: San): string => {
  const { name } = san.volumeGroup(volumeGroupUuid);
  return `lvm_${name}:${hostId}:/dev/mapper/${name}-lvmlock:0`;
};

/** The place of a volume's lock among the leases is not simulated: it is the same for all. */
const lockName = ({ volumeGroupUuid }: Lockspace, volume: string, san: San): string => {
  const { name, uuid } = san.volumeGroup(volumeGroupUuid);
  return `lvm_${name}:${volumeUuid(uuid, volume)}:/dev/mapper/${name}-lvmlock:70254592:1`;
};

/** The program gets the lock and ends, and the lock is released with it. */
function release(lock: string, { san, host }: Place): Result {
  for (const lockspace of host.lockspaces) {
    const left = lockspace.orphans.filter((volume) => lockName(lockspace, volume, san) !== lock);
    if (left.length === lockspace.orphans.length) continue;
    lockspace.orphans = left;
    san.changed();
    return printed("");
  }
  return printed("", 1);
}

function removeLockspace(name: string, { san, host }: Place): Result {
  const lockspace = host.lockspaces.find((one) => spaceName(one, san) === name);
  if (lockspace === undefined) return printed("rem_lockspace\nrem_lockspace done -2\n", 1);
  const isUsed = lockspace.joined && lockedVolumes(host, lockspace.volumeGroupUuid).length > 0;
  if (isUsed || lockspace.orphans.length > 0) return complained("sanlock: not simulated: it waits for the locks\n", 2);
  leaveLockspaces(san, host, "in order", (one) => one === lockspace);
  san.changed();
  return printed("rem_lockspace\nrem_lockspace done 0\n");
}

const indented = (line: string): string => `    ${line}`;

function hostStatus(lockspaceName: string, debug: boolean, runs: boolean, { san, host }: Place): Result {
  const now = Date.now();
  const request = `2026-11-22 16:03:54 13920 [25443]: lockspace ${lockspaceName} host_id 0 path  offset 0\n`;
  const mine = host.lockspaces.find(
    (one) => spaceOf(host, one, now) !== "gone" && `lvm_${san.volumeGroup(one.volumeGroupUuid).name}` === lockspaceName,
  );
  if (!runs || mine === undefined) return { stdout: "", stderr: request, exitCode: 1 };
  // A host that takes an id removes what was written there before. What was written later is all that is there.
  const isOverwritten = ({ volumeGroupUuid, hostId }: Lockspace) =>
    san.state.pastLeases.some((past) => past.volumeGroupUuid === volumeGroupUuid && past.hostId === hostId);
  const living = san.state.hosts.flatMap((other) =>
    other.lockspaces
      .filter((one) => one.volumeGroupUuid === mine.volumeGroupUuid && !isOverwritten(one))
      .map((one) => ({ hostId: one.hostId, owner: ownerName(other), at: lastRenewal(one, now), released: false })),
  );
  const past = san.state.pastLeases
    .filter((one) => one.volumeGroupUuid === mine.volumeGroupUuid)
    .map((one) => ({
      hostId: one.hostId,
      owner: one.ownerName,
      at: Math.min(one.lastRenewal, now - (now % 20_000)),
      released: one.released,
    }));
  const lines = [...living, ...past]
    .sort((left, right) => left.hostId - right.hostId)
    .flatMap(({ hostId, owner, at, released }) => {
      const timestamp = released ? 0 : monotonic(at);
      const values = [
        `last_check=${monotonic(lastRenewal(mine, now))}`,
        `last_live=${monotonic(at)}`,
        "last_req=0",
        `owner_id=${hostId}`,
        "owner_generation=1",
        `timestamp=${timestamp}`,
        "io_timeout=10",
        `owner_name=${owner}`,
      ];
      return [`${hostId} timestamp ${timestamp}`, ...(debug ? values.map(indented) : [])];
    });
  return { stdout: lines.map((line) => `${line}\n`).join(""), stderr: request, exitCode: 0 };
}
