import { chmod, mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { debianMirror } from "./apt.ts";
import { libvirtSockets, qemuAccount } from "./libvirt.ts";
import { packageDirectory } from "./places.ts";
import { runProgram } from "./program.ts";
import { disabledUnits, guestPackages, imageFiles, maskedUnits, rootImageBytes, suite } from "./recipe.ts";

/** Debian with the host tools, as a directory. */
export async function debootstrapRoot(root: string): Promise<void> {
  const { mirror, env } = await debianMirror();
  await mkdir(packageDirectory, { recursive: true });
  const options = ["--variant=minbase", `--include=${guestPackages.join(",")}`, `--cache-dir=${packageDirectory}`];
  // Its mounts end with it, also if it is killed.
  const alone = ["--mount", "--propagation", "private", "debootstrap"];
  await runProgram("unshare", [...alone, ...options, suite, root, mirror], { env });
  // `*` is no password; the `!` that useradd leaves would lock the account.
  await runProgram("chroot", [root, "useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", "zstack"]);
  await runProgram("chroot", [root, "groupadd", "--system", "--force", "kvm"]);
  await runProgram("chroot", [root, "useradd", "--system", "--user-group", "--groups", "kvm", qemuAccount]);
  await runProgram("chroot", [root, "systemctl", "--quiet", "disable", ...disabledUnits]);
  await runProgram("chroot", [root, "systemctl", "--quiet", "mask", ...maskedUnits]);
  for (const [path, { mode, text }] of Object.entries(imageFiles)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    await chmod(join(root, path), mode);
  }
  await runProgram("chroot", [root, "systemctl", "--quiet", "enable", "lab-answers.service", ...libvirtSockets]);
  await removeWhatNoGuestNeeds(root);
}

/** Host keys and the machine-id too: every guest has its own. */
async function removeWhatNoGuestNeeds(root: string): Promise<void> {
  for (const name of await readdir(join(root, "etc/ssh"))) {
    if (name.startsWith("ssh_host_")) await rm(join(root, "etc/ssh", name));
  }
  // systemd has units for all of them. It reads this folder too, and that makes `systemctl enable` take ten seconds.
  const startedTwice = ["etc/init.d", "usr/lib/systemd/system-generators"];
  const folders = [
    ...startedTwice,
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "var/cache/apt",
    "var/lib/apt/lists",
  ];
  for (const folder of folders) {
    await rm(join(root, folder), { recursive: true, force: true });
    await mkdir(join(root, folder), { recursive: true });
  }
  await rm(join(root, "etc/machine-id"), { force: true });
}

/** The directory as an ext4 file system in a sparse file, made without a mount. */
export async function writeRootImage(image: string, root: string): Promise<void> {
  await writeFile(image, "");
  await truncate(image, rootImageBytes);
  await runProgram("mke2fs", ["-q", "-F", "-t", "ext4", "-d", root, image]);
}
