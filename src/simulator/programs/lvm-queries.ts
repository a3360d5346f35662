import { volumeUuid } from "../san/devices.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { joinedLockspaces, leaveLockspaces, spaceOf } from "./host-leases.ts";
import { withSettings } from "./lvm-settings-in-force.ts";
import { isActive } from "./start-lockspace.ts";

/** `lvmconfig --type full NAME…` prints `host_id=0`; what it doesn't know it names, and exits with 5. */
export const lvmconfig: Program = (args, place) => {
  const options = readOptions(args, { type: "value", typeconfig: "value", config: "value" });
  if (options.complaint !== null) {
    return complained(`lvmconfig: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  return withSettings(place, (settings) => {
    const names = options.operands.length > 0 ? options.operands : [...settings.keys()];
    const known = names.filter((name) => settings.has(name));
    const unknown = names.filter((name) => !settings.has(name));
    return {
      stdout: known.map((name) => `${name.split("/").at(-1)}=${settings.get(name)}\n`).join(""),
      stderr: unknown.map((name) => `  Configuration node ${name} not found\n`).join(""),
      exitCode: unknown.length > 0 ? 5 : 0,
    };
  });
};

/**
 * `lvmlockctl --info`: one block for each lockspace; `--drop VG` removes one with a dead lease. Without the daemon it
 * exits with -1, which is 255.
 */
export const lvmlockctl: Program = (args, { san, host }) => {
  const options = readOptions(args, { info: "flag", drop: "value" }, { i: "info", r: "drop" });
  if (options.complaint !== null) return complained(`lvmlockctl: ${options.complaint}\n`);
  if (!isActive(host, "lvmlockd.service")) {
    return {
      stdout: "Cannot connect to lvmlockd.\n",
      stderr: "/run/lvm/lvmlockd.socket: connect failed: No such file or directory\n",
      exitCode: 255,
    };
  }
  const dropped = options.given.get("drop");
  if (dropped !== undefined) return drop(dropped, { san, host });
  const blocks = joinedLockspaces(host).map(({ volumeGroupUuid }, index) => {
    const { name, uuid } = san.volumeGroup(volumeGroupUuid);
    const globalLock = index === 0 ? "LK GL un ver 1\n" : "";
    const volumes = host.activeVolumes
      .filter((active) => active.volumeGroupUuid === volumeGroupUuid && active.lock !== null)
      .map((active) => `LK LV ${active.lock} ${volumeUuid(uuid, active.name)}\n`);
    return `VG ${name} lock_type=sanlock ${uuid}\nLS sanlock lvm_${name}\nLK VG un ver 0\n${globalLock}${volumes.join("")}`;
  });
  return printed(blocks.join("\n"));
};

/** Its locks go with it, so that sanlock has no reason to keep a dead lockspace any more. */
function drop(name: string, { san, host }: Pick<Place, "san" | "host">): Result {
  for (const lockspace of host.lockspaces) {
    if (san.volumeGroup(lockspace.volumeGroupUuid).name !== name) continue;
    for (const volume of host.activeVolumes) {
      if (volume.volumeGroupUuid === lockspace.volumeGroupUuid) volume.lock = null;
    }
    lockspace.joined = false;
    if (spaceOf(host, lockspace, Date.now()) === "gone") {
      leaveLockspaces(san, host, { diedAt: Date.now() }, (one) => one === lockspace);
    }
  }
  san.changed();
  return printed("");
}
