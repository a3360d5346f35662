import { readClock } from "../../../src/host/clock.ts";
import { copyFile, makeDirectory, readRealPath, readTextFile, writeTextFile } from "../../../src/host/file.ts";
import { listAddresses, readHostname, setHostname } from "../../../src/host/hostname.ts";
import { listKernelModules, loadKernelModules } from "../../../src/host/kernel-modules.ts";
import { readOsRelease } from "../../../src/host/os-release.ts";
import {
  configurePackages,
  listInstalledDebs,
  listInstalledRpms,
  refreshPackageLists,
} from "../../../src/host/packages.ts";
import { enableUnits, readUnits, startAtBoot } from "../../../src/host/systemd.ts";
import type { Family } from "./family.ts";

/** Files, names, packages, services and the kernel's modules. */
export const system: Family = {
  reads: [
    listAddresses,
    listInstalledDebs(["sanlock"]),
    listInstalledRpms(["sanlock"]),
    listKernelModules,
    readClock,
    readHostname,
    readOsRelease,
    readRealPath("/etc/x"),
    readTextFile("/etc/x"),
    readUnits(["a.service"]),
  ],
  changes: [
    [copyFile("/etc/x", "/etc/y"), "cp --dereference --preserve=all --no-target-directory -- /etc/x /etc/y"],
    [makeDirectory("/root/b", "0700"), "mkdir -p -m 0700 -- /root/b"],
    [writeTextFile("/etc/x", "text\n"), "tee -- /etc/x"],
    [setHostname("host-1"), "hostnamectl set-hostname host-1"],
    [loadKernelModules(["dm-multipath"]), "modprobe --all -- dm-multipath"],
    [enableUnits(["sanlock.service"]), "systemctl enable --now -- sanlock.service"],
    [startAtBoot(["open-iscsi.service"]), "systemctl enable -- open-iscsi.service"],
    [refreshPackageLists, "apt-get --quiet -o DPkg::Lock::Timeout=120 update"],
    [configurePackages, "env DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a"],
  ],
  destroying: [],
};
