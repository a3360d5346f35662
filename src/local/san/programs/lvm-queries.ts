import { readOptions } from "../options.ts";
import { complained, type Program, printed } from "../program.ts";
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

/** `lvmlockctl --info`: one block for each lockspace. Without the daemon it exits with -1, which is 255. */
export const lvmlockctl: Program = (args, { san, host }) => {
  const options = readOptions(args, { info: "flag" }, { i: "info" });
  if (options.complaint !== null) return complained(`lvmlockctl: ${options.complaint}\n`);
  if (!isActive(host, "lvmlockd.service")) {
    return {
      stdout: "Cannot connect to lvmlockd.\n",
      stderr: "/run/lvm/lvmlockd.socket: connect failed: No such file or directory\n",
      exitCode: 255,
    };
  }
  const blocks = host.lockspaces.map(({ volumeGroupUuid }, index) => {
    const { name, uuid } = san.volumeGroup(volumeGroupUuid);
    const globalLock = index === 0 ? "LK GL un ver 1\n" : "";
    return `VG ${name} lock_type=sanlock ${uuid}\nLS sanlock lvm_${name}\nLK VG un ver 0\n${globalLock}`;
  });
  return printed(blocks.join("\n"));
};

/** `sanlock client status`. Without the daemon it prints nothing and exits with 1. */
export const sanlock: Program = (args, { san, host }) => {
  if (args.join(" ") !== "client status") return complained(`sanlock: not simulated: ${args.join(" ")}\n`, 2);
  if (!isActive(host, "sanlock.service")) return printed("", 1);
  const locker = isActive(host, "lvmlockd.service") ? ["p 1204 lvmlockd"] : [];
  const spaces = host.lockspaces.map(({ volumeGroupUuid, hostId }) => {
    const { name } = san.volumeGroup(volumeGroupUuid);
    return `s lvm_${name}:${hostId}:/dev/mapper/${name}-lvmlock:0`;
  });
  const lines = [
    `daemon 00000000-0000-4000-8000-000000000000.${host.name.slice(0, 10)}`,
    "p -1 helper",
    "p -1 listener",
    ...locker,
    "p -1 status",
    ...spaces,
  ];
  return printed(`${lines.join("\n")}\n`);
};
