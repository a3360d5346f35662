import { once } from "node:events";
import { open, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeGuestInitrd } from "./initrd.ts";
import { luns } from "./luns.ts";
import type { Image } from "./places.ts";
import { endDaemon, startQemu } from "./qemu.ts";

const script = "usr/local/sbin/lab-fill-luns";
const filled = "LAB LUNS FILLED";
const limitMs = 120_000;

/**
 * Makes every LUN once, with the guests' own tools. QEMU boots the root image with the LUNs as plain disks, vdb and
 * later. The guest runs this script in place of systemd and ends.
 */
export async function fillLuns(image: Image, work: string): Promise<void> {
  const drives: string[] = [];
  for (const lun of luns) {
    await writeFile(image.lun(lun.name), "");
    await truncate(image.lun(lun.name), lun.sizeBytes);
    if (lun.fill !== null) drives.push("-drive", `file=${image.lun(lun.name)},if=virtio,format=raw,cache=unsafe`);
  }
  const initrd = join(work, "fill.initrd");
  const console = join(work, "fill.console");
  await writeGuestInitrd(initrd, image.initrd, [{ path: script, mode: 0o755, content: fillScript() }]);
  const log = await open(join(work, "fill.log"), "w");
  const devices = ["-drive", `file=${image.root},if=virtio,format=raw,snapshot=on`, ...drives, "-no-reboot"];
  // Without a network card the ip commands of the initrd fail, which does no harm.
  const kernelArguments = `lab.init=/${script}`;
  const qemu = startQemu({ name: "lab-fill", kernel: image.kernel, initrd, kernelArguments, console, devices }, log.fd);
  try {
    await Promise.race([once(qemu, "exit"), sleep(limitMs, null, { ref: false })]);
  } finally {
    await endDaemon(qemu);
    await log.close();
  }
  const printed = await readFile(console, "utf8").catch(() => "");
  if (!printed.includes(filled))
    throw new Error(`the LUNs could not be filled; the guest said:\n${printed.slice(-2000)}`);
}

const fillScript = (): string => `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs run /run
exec > /dev/ttyS0 2>&1
set -e
trap 'sync; echo o > /proc/sysrq-trigger; sleep 60' EXIT
${luns
  .filter((lun) => lun.fill !== null)
  .map((lun, index) => `set -- /dev/vd${String.fromCharCode("b".charCodeAt(0) + index)}\n${lun.fill}`)
  .join("\n")}
sync
echo "${filled}"
`;
