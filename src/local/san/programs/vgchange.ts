import { readOptions } from "../options.ts";
import { complained, type Place, type Program, passTime, printed, type Result } from "../program.ts";
import type { SanVolumeGroup } from "../san-state.ts";
import { leaveLockspaces } from "./host-leases.ts";
import { notRoot } from "./lvm-report.ts";
import { withSettings } from "./lvm-settings-in-force.ts";
import { seenPhysicalVolumes } from "./physical-volumes.ts";
import { isActive, startLockspaceOf } from "./start-lockspace.ts";

/** `vgchange --lockstart VG` and `--lockstop VG`. */
export const vgchange: Program = (args, place) => {
  const options = readOptions(args, {
    lockstart: "flag",
    "lock-start": "flag",
    lockstop: "flag",
    "lock-stop": "flag",
    config: "value",
  });
  if (options.complaint !== null) {
    return complained(`vgchange: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  const start = options.given.has("lockstart") || options.given.has("lock-start");
  if (!start && !options.given.has("lockstop") && !options.given.has("lock-stop")) {
    return complained(
      "  No command with matching syntax recognised.  Run 'vgchange --help' for more information.\n",
      3,
    );
  }
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    if (settings.get("global/use_lvmlockd") !== "1") {
      // Exit code 0, all the same.
      return complained("  Using lock start and lock stop requires lvmlockd.\n", 0);
    }
    const { seen } = seenPhysicalVolumes(place);
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

const deadDaemon = "  WARNING: lvmlockd process is not running.\n  Reading without shared global lock.\n";
const noGlobalLock = "  Skipping global lock: lockspace not found or started\n";

async function lockStart(group: SanVolumeGroup, hostId: number, place: Place): Promise<Result> {
  const { host } = place;
  const started = (one: { volumeGroupUuid: string }) => one.volumeGroupUuid === group.uuid;
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
  if (host.lockspaces.some(started)) return printed(waiting);
  if (hostId < 1 || hostId > 2000) {
    return failed(
      `  Global lock failed: error -210\n  VG ${group.name} start failed: invalid sanlock host_id, set in lvmlocal.conf`,
    );
  }
  const stderr = host.lockspaces.length === 0 ? noGlobalLock : "";
  await passTime(place.lockStartMs, place.signal);
  if (!place.signal.aborted) startLockspaceOf(place, group.uuid, hostId);
  return { stdout: `  VG ${group.name} starting sanlock lockspace\n${waiting}`, stderr, exitCode: 0 };
}

function lockStop(group: SanVolumeGroup, { san, host }: Place): Result {
  if (!isActive(host, "lvmlockd.service")) return complained(deadDaemon, 5);
  if (host.activeVolumes.some((one) => one.volumeGroupUuid === group.uuid && one.lock !== null)) {
    return complained(`  VG ${group.name} stop failed: LVs must first be deactivated\n`, 5);
  }
  leaveLockspaces(san, host, "in order", (one) => one.volumeGroupUuid === group.uuid);
  host.activeVolumes = host.activeVolumes.filter((one) => one.volumeGroupUuid !== group.uuid || one.name !== "lvmlock");
  san.changed();
  return printed("");
}
