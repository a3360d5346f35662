import { complained, type Program, printed } from "../san/program.ts";

/** `grep -r -s -H --include=… -e / -e ^[0-9] TARGETS…`: the devices that the kernel's targets were given. */
export const grep: Program = (args, { host }) => {
  const form =
    "-r -s -H --include=udev_path --include=device_path --include=filename --include=type -e / -e ^[0-9] /sys/kernel/config/target/core /sys/kernel/config/nvmet/subsystems /sys/kernel/scst_tgt/devices";
  if (args.join(" ") !== form) return complained("grep: only the exports of the kernel's targets are simulated\n", 2);
  // Of three kinds of target none or one is loaded: the folders of the others are not there.
  return printed(host.exports.map(({ attribute, device }) => `${attribute}:${device}\n`).join(""), 2);
};
