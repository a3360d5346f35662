import { type Device, majorMinorText } from "../devices.ts";
import { viewOf } from "../host-view.ts";
import { complained, type Place, printed, type Result } from "../program.ts";
import { openersOn } from "../san-users.ts";

const forms = {
  holders: "-L /sys/dev/block -mindepth 2 -maxdepth 3 -path */holders/* -printf %P\\n -o ! -name holders -prune",
  openFiles:
    "/proc -mindepth 2 -maxdepth 3 -path /proc/[0-9]*/fd/* -lname /dev/* ! -lname /dev/null ! -lname /dev/pts/* -printf %P\\t%l\\n -o ! -name fd -prune",
  generics: "/sys/class/scsi_generic -type l -printf %f\\t%l\\n",
  links: "/dev -path /dev/char -prune -o -type l -printf %p\\t%l\\n",
};

/** What the kernel shows of devices in /sys, /proc and /dev, in the forms that are asked; null where find looks elsewhere. */
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
  return printed(
    openersOn(san, host)
      .flatMap(({ pid, devices }) => devices.map((at, fd) => `${pid}/fd/${fd + 3}\t/dev/${at}\n`))
      .join(""),
  );
}

/** A partition of a disk is no holder; one of a map is a map of its own. */
const holdersOf = (device: Device): string[] =>
  device.children
    .filter(({ type, kernelName }) => type !== "part" || kernelName.startsWith("dm-"))
    .map(({ kernelName }) => `${majorMinorText(device)}/holders/${kernelName}\n`);
