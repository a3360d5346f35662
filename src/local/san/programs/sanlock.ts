import { complained, type Place, type Program, printed, type Result } from "../program.ts";
import { findFile } from "./file-tree.ts";
import { lastRenewal, ownerName, spaceOf } from "./host-leases.ts";
import { isActive } from "./start-lockspace.ts";

/** `sanlock client status [-D]` and `client host_status -D -s LOCKSPACE`. Without the daemon they print nothing and end with 1. */
export const sanlock: Program = ([word, action, ...args], place) => {
  const debug = args.includes("-D");
  const [name] = args.filter((_arg, index) => args[index - 1] === "-s");
  const known = args.every((arg) => ["-D", "-s", name].includes(arg));
  if (word !== "client" || !known || (action !== "status" && action !== "host_status")) {
    return complained(`sanlock: not simulated: ${[word, action, ...args].join(" ")}\n`, 2);
  }
  const runs = isActive(place.host, "sanlock.service");
  if (action === "host_status") return hostStatus(name ?? "", debug, runs, place);
  return runs ? status(debug, place) : printed("", 1);
};

/** Seconds of the monotonic clock: since the machine was started, long ago. */
const monotonic = (atMs: number): number => Math.floor(atMs / 1000) - 1_700_000_000;

function status(debug: boolean, { san, host }: Place): Result {
  const now = Date.now();
  const locker = isActive(host, "lvmlockd.service") ? ["p 1204 lvmlockd"] : [];
  const kept = host.lockspaces.filter((lockspace) => spaceOf(host, lockspace, now) !== "gone");
  const spaces = kept.flatMap((lockspace) => {
    const dead = Number(spaceOf(host, lockspace, now) === "dead");
    const { name } = san.volumeGroup(lockspace.volumeGroupUuid);
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
    return [`s lvm_${name}:${lockspace.hostId}:/dev/mapper/${name}-lvmlock:0`, ...values.map(indented)];
  });
  const watchdog = /^\s*use_watchdog\s*=\s*(\d+)/m.exec(findFile(host, "/etc/sanlock/sanlock.conf")?.content ?? "");
  const daemon = [`use_watchdog=${watchdog?.[1] ?? 1}`, `monotime=${monotonic(now)}`].map(indented);
  const lines = [
    `daemon ${ownerName(host)}`,
    ...daemon,
    "p -1 helper",
    "p -1 listener",
    ...locker,
    "p -1 status",
    ...spaces,
  ];
  return printed(
    lines
      .filter((line) => debug || !line.startsWith(" "))
      .map((line) => `${line}\n`)
      .join(""),
  );
}

const indented = (line: string): string => `    ${line}`;

function hostStatus(lockspaceName: string, debug: boolean, runs: boolean, { san, host }: Place): Result {
  const now = Date.now();
  const told = `2026-11-22 16:03:54 13920 [25443]: lockspace ${lockspaceName} host_id 0 path  offset 0\n`;
  const mine = host.lockspaces.find(
    (one) => spaceOf(host, one, now) !== "gone" && `lvm_${san.volumeGroup(one.volumeGroupUuid).name}` === lockspaceName,
  );
  if (!runs || mine === undefined) return { stdout: "", stderr: told, exitCode: 1 };
  const living = san.state.hosts.flatMap((other) =>
    other.lockspaces
      .filter((one) => one.volumeGroupUuid === mine.volumeGroupUuid)
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
  return { stdout: lines.map((line) => `${line}\n`).join(""), stderr: told, exitCode: 0 };
}
