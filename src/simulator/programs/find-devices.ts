import { type Device, majorMinorText } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { complained, type Place, printed, type Result } from "../san/program.ts";
import { openersOn } from "../san/san-users.ts";

const forms = {
  holders: "-L /sys/dev/block -mindepth 2 -maxdepth 3 -path */holders/* -printf %P\\n -o ! -name holders -prune",
  openFiles:
    "/proc -mindepth 2 -maxdepth 3 -path /proc/[0-9]*/fd/* -lname */dev/* ! -lname /dev/null ! -lname /dev/pts/* -printf %P\\t%l\\n -exec stat -L -c %n\t%t:%T\t%F -- {} + -o ! -name fd -prune",
  generics: "/sys/class/scsi_generic -type l -printf %f\\t%l\\n",
  links: "/dev -path /dev/char -prune -o -type l -printf %p\\t%l\\n",
};

/**
 * The kernel's view of devices in /sys, /proc and /dev, in the forms that the bot uses; null if find has another path.
 */
export function findDevices(args: readonly string[], place: Place): Result | null {
  const words = args.join(" ");
  const { san, host, root } = place;
  if (words === forms.holders) {
    const devices = [...viewOf(san, host).byKernelName.values()];
    return printed(devices.flatMap(holdersOf).join(""));
  }
  if (words === forms.links) {
    const view = viewOf(san, host);
    const mapped = [...view.byKernelName.values()].filter(({ kernelName }) => kernelName.startsWith("dm-"));
    return printed(
      [
        ...mapped.map(({ name, kernelName }) => `/dev/mapper/${name}\t../${kernelName}\n`),
        ...view.links.map(([name, kernelName]) => `/dev/disk/by-id/${name}\t../../${kernelName}\n`),
      ].join(""),
    );
  }
  if (words === forms.generics) {
    const lines = host.paths.flatMap(({ hctl, device }, index) =>
      device === null ? [] : [`sg${index}\t../../devices/pci0000:00/host/target/${hctl}/scsi_generic/sg${index}\n`],
    );
    return printed(lines.join(""));
  }
  if (words !== forms.openFiles) return null;
  if (!root) return complained("find: '/proc/1/fd': Permission denied\n");
  const { byKernelName } = viewOf(san, host);
  const files = openersOn(san, host).flatMap(({ pid, devices, node = null }) =>
    devices.map((at, fd) => ({ place: `${pid}/fd/${fd + 3}`, at, name: node ?? `/dev/${at}` })),
  );
  const names = files.map(({ place, name }) => `${place}\t${name}\n`);
  const numbers = files.flatMap(({ place, at }) => {
    const device = byKernelName.get(at);
    const generic = /^sg(\d+)$/.exec(at)?.[1];
    const number = generic === undefined ? device && majorMinorText(device) : `21:${generic}`;
    if (number === undefined) return [];
    const hex = number.split(":").map((part) => Number(part).toString(16));
    return [`/proc/${place}\t${hex.join(":")}\t${generic === undefined ? "block" : "character"} special file\n`];
  });
  return printed([...names, ...numbers].join(""));
}

/** A partition of a disk is no holder; one of a map is a map of its own. */
const holdersOf = (device: Device): string[] =>
  device.children
    .filter(({ type, kernelName }) => type !== "part" || kernelName.startsWith("dm-"))
    .map(({ kernelName }) => `${majorMinorText(device)}/holders/${kernelName}\n`);
