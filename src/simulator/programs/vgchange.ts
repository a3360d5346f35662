import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, passTime, printed, type Result } from "../san/program.ts";
import type { SanVolumeGroup } from "../san/san-state.ts";
import { groupToDeactivate, isComplaint, withoutLock } from "./group-access.ts";
import { joinedLockspaces, leaveLockspaces, spaceOf } from "./host-leases.ts";
import { deactivate } from "./lvchange.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";
import { scanDisks } from "./physical-volumes.ts";
import { isActive, lockVolume, startLockspaceOf } from "./start-lockspace.ts";

/** `vgchange --lockstart VG`, `--lockstop VG` and `--activate n VG`. */
export const vgchange: Program = (args, place) => {
  const options = readOptions(
    args,
    {
      lockstart: "flag",
      "lock-start": "flag",
      lockstop: "flag",
      "lock-stop": "flag",
      activate: "value",
      config: "value",
    },
    { a: "activate" },
  );
  if (options.complaint !== null) {
    return complained(`vgchange: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  const start = options.given.has("lockstart") || options.given.has("lock-start");
  const deactivates = options.given.get("activate") === "n";
  if (!start && !deactivates && !options.given.has("lockstop") && !options.given.has("lock-stop")) {
    return complained(
      "  No command with matching syntax recognised.  Run 'vgchange --help' for more information.\n",
      3,
    );
  }
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    if (deactivates) return deactivateAll(options.operands[0] ?? "", settings, place);
    if (settings.get("global/use_lvmlockd") !== "1") {
      // Exit code 0, all the same.
      return complained("  Using lock start and lock stop requires lvmlockd.\n", 0);
    }
    const { seen } = scanDisks(place, settings);
    const present = new Set(seen.map((one) => one.content.volumeGroupUuid));
    const [name] = options.operands;
    const group = place.san.state.volumeGroups.find((one) => one.name === name && present.has(one.uuid));
    const dead = isActive(place.host, "lvmlockd.service") ? "" : deadDaemon;
    if (!group)
      return complained(`${dead}  Volume group "${name}" not found\n  Cannot process volume group ${name}\n`, 5);
    if (group.lockType === null) return printed("");
    return start ? lockStart(group, Number(settings.get("local/host_id")), place) : lockStop(group, place);
  });
};

/** Every volume of the group but sanlock's own. */
function deactivateAll(name: string, settings: Settings, place: Place): Result {
  const group = groupToDeactivate(name, settings, place);
  if (isComplaint(group)) return group;
  const reads = readsWithoutLock(group, place);
  const active = () =>
    place.host.activeVolumes.filter((one) => one.volumeGroupUuid === group.uuid && one.name !== lockVolume);
  const ends = active().map((one) => deactivate(group, one.name, place));
  return {
    stdout: `  ${active().length} logical volume(s) in volume group "${name}" now active\n`,
    stderr: `${reads}${ends.map((end) => end.stderr).join("")}`,
    exitCode: Math.max(0, ...ends.map((end) => end.exitCode)),
  };
}

const deadDaemon = "  WARNING: lvmlockd process is not running.\n  Reading without shared global lock.\n";
const noGlobalLock = "  Skipping global lock: lockspace not found or started\n";

/** vgchange's message if it continues without the group's lock; nothing if it has the lock. */
function readsWithoutLock(group: SanVolumeGroup, place: Place): string {
  const why = withoutLock(group, place);
  if (why === null) return "";
  return `${withoutGlobalLock(place) ?? why("skipped")}  Reading VG ${group.name} without a lock.\n`;
}

/** The global lock is any joined lockspace's. */
function withoutGlobalLock({ host }: Place): string | null {
  if (!isActive(host, "lvmlockd.service")) return deadDaemon;
  return joinedLockspaces(host).length === 0 ? noGlobalLock : null;
}

async function lockStart(group: SanVolumeGroup, hostId: number, place: Place): Promise<Result> {
  const { host } = place;
  const failed = (why: string) => complained(`${why}\n`, 5);
  if (!isActive(host, "lvmlockd.service")) {
    return failed(`${deadDaemon}  VG ${group.name} start failed: lvmlockd is not running`);
  }
  if (!isActive(host, "sanlock.service")) {
    return failed(
      `  Start a lock manager, lvmlockd did not find one running.\n${noGlobalLock}  VG ${group.name} start failed: lock manager sanlock is not running`,
    );
  }
  const waiting = "  Starting locking.  Waiting for sanlock may take 20 sec to 3 min...\n";
  if (joinedLockspaces(host).some((one) => one.volumeGroupUuid === group.uuid)) return printed(waiting);
  if (hostId < 1 || hostId > 2000) {
    return failed(
      `  Global lock failed: error -210\n  VG ${group.name} start failed: invalid sanlock host_id, set in lvmlocal.conf`,
    );
  }
  const stderr = joinedLockspaces(host).length === 0 ? noGlobalLock : "";
  await passTime(place.lockStartMs, place.signal);
  place.resume();
  if (!place.signal.aborted) startLockspaceOf(place, group.uuid, hostId);
  return { stdout: `  VG ${group.name} starting sanlock lockspace\n${waiting}`, stderr, exitCode: 0 };
}

function lockStop(group: SanVolumeGroup, place: Place): Result {
  const { san, host } = place;
  if (!isActive(host, "lvmlockd.service")) {
    return complained(`${readsWithoutLock(group, place)}  Command failed with status code 5.\n`, 5);
  }
  const lockspace = joinedLockspaces(host).find((one) => one.volumeGroupUuid === group.uuid);
  if (lockspace === undefined) return complained(readsWithoutLock(group, place), 0);
  if (host.activeVolumes.some((one) => one.volumeGroupUuid === group.uuid && one.lock !== null)) {
    return complained(`  VG ${group.name} stop failed: LVs must first be deactivated\n`, 5);
  }
  const kept = spaceOf(host, lockspace, Date.now()) === "kept";
  leaveLockspaces(san, host, kept ? "in order" : { diedAt: Date.now() }, (one) => one === lockspace);
  host.activeVolumes = host.activeVolumes.filter((one) => one.volumeGroupUuid !== group.uuid || one.name !== "lvmlock");
  san.changed();
  return printed("");
}
