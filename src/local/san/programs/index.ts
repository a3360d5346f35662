import type { Program } from "../program.ts";
import { cmp } from "./cmp.ts";
import { dd } from "./dd.ts";
import { ls } from "./ls.ts";
import { lsblk } from "./lsblk.ts";
import { lsscsi } from "./lsscsi.ts";
import { lvmconfig, lvmlockctl, sanlock } from "./lvm-queries.ts";
import { pvs, vgs } from "./lvm-report.ts";
import { multipath } from "./multipath.ts";
import { systemctl } from "./systemctl.ts";
import { cat, hostname, id, mkdir, mv, printf, sleep, tee, uname } from "./text-tools.ts";
import { udevadm } from "./udevadm.ts";
import { vgchange } from "./vgchange.ts";
import { vgcreate } from "./vgcreate.ts";
import { wipefs } from "./wipefs.ts";

/** The programs of a simulated host. `env`, `sudo` and `timeout`, which run others, are in run-program.ts. */
export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["cat", cat],
  ["cmp", cmp],
  ["dd", dd],
  ["false", () => ({ stdout: "", stderr: "", exitCode: 1 })],
  ["hostname", hostname],
  ["id", id],
  ["ls", ls],
  ["lsblk", lsblk],
  ["lsscsi", lsscsi],
  ["lvmconfig", lvmconfig],
  ["lvmlockctl", lvmlockctl],
  ["mkdir", mkdir],
  ["multipath", multipath],
  ["mv", mv],
  ["printf", printf],
  ["pvs", pvs],
  ["sanlock", sanlock],
  ["sleep", sleep],
  ["systemctl", systemctl],
  ["tee", tee],
  ["true", () => ({ stdout: "", stderr: "", exitCode: 0 })],
  ["udevadm", udevadm],
  ["uname", uname],
  ["vgchange", vgchange],
  ["vgcreate", vgcreate],
  ["vgs", vgs],
  ["wipefs", wipefs],
]);

const listings = new Set(["ls", "lsblk", "lsscsi", "pvs", "vgs", "lvmconfig"]);

/** It only lists: what it prints holds until the model changes. */
export const isListing = ([name = "", ...args]: readonly string[]): boolean =>
  listings.has(name) || (name === "multipath" && args[0] === "-ll");
