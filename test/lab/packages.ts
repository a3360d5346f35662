import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runProgram } from "./program.ts";

/** The programs that the lab runs, and the Debian package of each. */
const needed: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  debootstrap: "debootstrap",
  mke2fs: "e2fsprogs",
  tgtd: "tgt",
  tgtadm: "tgt",
  depmod: "kmod",
  setpriv: "util-linux",
  ssh: "openssh-client",
};
const busybox = { file: "/bin/busybox", package: "busybox-static" };

const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };

/** Installs what is missing. If this computer can't run a lab, throws with all that is missing. */
export async function ensurePackages(report: (line: string) => void): Promise<void> {
  const problems = await problemsHere();
  const packages = await missingPackages();
  if (problems.length === 0 && packages.length === 0) return;
  const wanted = packages.length === 0 ? [] : [`the packages ${packages.join(", ")}`];
  if (problems.length > 0) throw new Error(`the lab can't run here; it needs ${[...problems, ...wanted].join("; ")}`);
  report(`installing ${packages.join(", ")}`);
  await runProgram("apt-get", ["update", "--quiet"], { env: environment });
  const options = ["--yes", "--quiet", "--no-install-recommends"];
  await runProgram("apt-get", ["install", ...options, ...packages], { env: environment });
  // Debian starts its own tgtd, on every address. The lab has one for each guest.
  if (packages.includes("tgt")) await runProgram("systemctl", ["disable", "--now", "tgt"]).catch(() => {});
  const still = await missingPackages();
  if (still.length > 0) throw new Error(`after installing them these packages are still missing: ${still.join(", ")}`);
}

async function problemsHere(): Promise<string[]> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const debian12 = /^VERSION_CODENAME="?bookworm"?$/m.test(release) && process.arch === "x64";
  return [
    ...(process.getuid?.() === 0 ? [] : ["root (debootstrap makes device files, tgtd locks memory)"]),
    ...(debian12 ? [] : ["Debian 12 on x86-64 (its kernel and its packages run in the guests)"]),
  ];
}

async function missingPackages(): Promise<string[]> {
  const directories = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(needed)) {
    const found = await Promise.all(directories.map((directory) => isExecutable(join(directory, program))));
    if (!found.includes(true)) missing.add(name);
  }
  // Debian's plain busybox is linked dynamically. It does not run in an initrd.
  if (!(await isStatic(busybox.file))) missing.add(busybox.package);
  return [...missing];
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** A program that names no dynamic loader. */
async function isStatic(path: string): Promise<boolean> {
  const program = await readFile(path).catch(() => null);
  return program !== null && !program.subarray(0, 4096).includes("/ld-linux");
}

export const busyboxFile = busybox.file;
