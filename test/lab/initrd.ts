import { readFile, writeFile } from "node:fs/promises";
import { type ArchiveFile, cpioArchive } from "./cpio.ts";
import type { Kernel } from "./kernel.ts";
import { busyboxFile } from "./packages.ts";
import { earlyModules } from "./recipe.ts";

/** The folder for a guest's own files in its initrd. */
const guestFolder = "guest";

/** Sets up the network, so that the guest needs no program for it. Copies the guest's files at its first boot only. */
const init = `#!/bin/busybox sh
busybox mkdir -p /proc /dev /root
busybox mount -t proc proc /proc
busybox mount -t devtmpfs dev /dev
for module in /modules/*.ko; do busybox insmod $module; done
busybox ip link set lo up
busybox ip link set eth0 up
busybox ip address add 10.0.2.15/24 dev eth0
busybox ip route add default via 10.0.2.2
while [ ! -b /dev/vda ]; do busybox sleep 0.1; done
busybox mount -t ext4 -o rw /dev/vda /root
if [ ! -e /root/etc/lab-guest ]; then
  busybox cp -a /${guestFolder}/. /root/
  echo laid out > /root/etc/lab-guest
fi
init=/sbin/init
for word in $(busybox cat /proc/cmdline); do
  case $word in lab.init=*) init=\${word#lab.init=} ;; esac
done
busybox umount /proc
busybox umount /dev
exec busybox switch_root /root $init
`;

/** A busybox that loads the modules of the disk and the network, and then starts the root image. */
export async function writeInitrd(path: string, kernel: Kernel): Promise<void> {
  const modules = [...new Set(earlyModules.flatMap((module) => kernel.chainOf(module)))];
  const files: ArchiveFile[] = [
    { path: "init", mode: 0o755, content: init },
    { path: "bin/busybox", mode: 0o755, content: await readFile(busyboxFile) },
  ];
  for (const [index, module] of modules.entries()) {
    // The shell lists them by name: in the order in which they are loaded.
    const path = `modules/${String(index).padStart(2, "0")}.ko`;
    files.push({ path, mode: 0o644, content: await readFile(module) });
  }
  await writeFile(path, cpioArchive(files));
}

/** The shared initrd with the files of one guest. */
export async function writeGuestInitrd(path: string, shared: string, files: readonly ArchiveFile[]): Promise<void> {
  const own = files.map((file) => ({ ...file, path: `${guestFolder}/${file.path}` }));
  await writeFile(path, Buffer.concat([await readFile(shared), cpioArchive(own)]));
}
