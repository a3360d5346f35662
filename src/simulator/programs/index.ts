import type { Program } from "../san/program.ts";
import { cmp } from "./cmp.ts";
import { dd } from "./dd.ts";
import { od } from "./disk-names.ts";
import { dmsetup } from "./dmsetup.ts";
import { find } from "./find.ts";
import { grep } from "./grep.ts";
import { hostname, hostnamectl } from "./hostname.ts";
import { iscsiadm } from "./iscsiadm.ts";
import { losetup } from "./losetup.ts";
import { ls } from "./ls.ts";
import { lsblk } from "./lsblk.ts";
import { lsscsi } from "./lsscsi.ts";
import { lvchange } from "./lvchange.ts";
import { lvmconfig, lvmlockctl } from "./lvm-queries.ts";
import { lvs, pvs, vgs } from "./lvm-report.ts";
import { lvremove } from "./lvremove.ts";
import { modprobe } from "./modprobe.ts";
import { mpathconf } from "./mpathconf.ts";
import { multipath } from "./multipath.ts";
import { multipathd } from "./multipathd.ts";
import { aptGet, dnf, dpkg, dpkgQuery, rpm } from "./package-managers.ts";
import { ps } from "./ps.ts";
import { pvchange } from "./pvchange.ts";
import { pvremove } from "./pvremove.ts";
import { pvresize } from "./pvresize.ts";
import { sanlock } from "./sanlock.ts";
import { sed } from "./sed.ts";
import { sgReadcap } from "./sg-readcap.ts";
import { stat } from "./stat.ts";
import { systemctl } from "./systemctl.ts";
import {
  cat,
  chmod,
  cp,
  date,
  id,
  ln,
  mkdir,
  mv,
  printf,
  readlink,
  sha256sum,
  sleep,
  tee,
  test,
  uname,
} from "./text-tools.ts";
import { udevadm } from "./udevadm.ts";
import { vgchange } from "./vgchange.ts";
import { vgcreate } from "./vgcreate.ts";
import { vgextend } from "./vgextend.ts";
import { vgremove } from "./vgremove.ts";
import { virsh } from "./virsh.ts";
import { wipefs } from "./wipefs.ts";

/** The programs of a simulated host. `env`, `sudo`, `timeout` and `sh`, which run others, are in run-program.ts. */
export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["apt-get", aptGet],
  ["cat", cat],
  ["chmod", chmod],
  ["cmp", cmp],
  ["cp", cp],
  ["date", date],
  ["dd", dd],
  ["dmsetup", dmsetup],
  ["dnf", dnf],
  ["dpkg", dpkg],
  ["dpkg-query", dpkgQuery],
  ["false", () => ({ stdout: "", stderr: "", exitCode: 1 })],
  ["find", find],
  ["grep", grep],
  ["hostname", hostname],
  ["hostnamectl", hostnamectl],
  ["id", id],
  ["iscsiadm", iscsiadm],
  ["ln", ln],
  ["losetup", losetup],
  ["ls", ls],
  ["lsblk", lsblk],
  ["lsscsi", lsscsi],
  ["lvchange", lvchange],
  ["lvmconfig", lvmconfig],
  ["lvmlockctl", lvmlockctl],
  ["lvremove", lvremove],
  ["lvs", lvs],
  ["mkdir", mkdir],
  ["modprobe", modprobe],
  ["mpathconf", mpathconf],
  ["multipath", multipath],
  ["multipathd", multipathd],
  ["mv", mv],
  ["od", od],
  ["printf", printf],
  ["ps", ps],
  ["pvchange", pvchange],
  ["pvremove", pvremove],
  ["pvresize", pvresize],
  ["pvs", pvs],
  ["readlink", readlink],
  ["rpm", rpm],
  ["sanlock", sanlock],
  ["sed", sed],
  ["sg_readcap", sgReadcap],
  ["sha256sum", sha256sum],
  ["sleep", sleep],
  ["stat", stat],
  ["systemctl", systemctl],
  ["tee", tee],
  ["test", test],
  ["true", () => ({ stdout: "", stderr: "", exitCode: 0 })],
  ["udevadm", udevadm],
  ["uname", uname],
  ["vgchange", vgchange],
  ["vgcreate", vgcreate],
  ["vgextend", vgextend],
  ["vgremove", vgremove],
  ["vgs", vgs],
  ["virsh", virsh],
  ["wipefs", wipefs],
  ["yum", dnf],
]);

const listings = new Set(["ls", "lsblk", "lsscsi", "lvs", "pvs", "vgs", "lvmconfig", "dmsetup"]);

/** It only lists: what it prints holds until the model changes. */
export const isListing = ([name = "", ...args]: readonly string[]): boolean =>
  listings.has(name) ||
  (name === "multipath" && args[0] === "-ll") ||
  (name === "multipathd" && args[0] === "show") ||
  (name === "find" && (args[0] === "/dev" || args[0] === "/proc" || args[1] === "/sys/dev/block"));
