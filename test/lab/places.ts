import { homedir } from "node:os";
import { join } from "node:path";

/** The lab's files, outside the repository. */
export const labDirectory = process.env.LAB_DIR || join(homedir(), ".cache", "zstack-chatops-lab");

/** Kept between runs. */
export const imageDirectory = join(labDirectory, "image");
/** An unfinished build; the next build removes it. */
export const buildDirectory = join(labDirectory, "building");
/** Debian's packages, so that a changed recipe needs no network. */
export const packageDirectory = join(labDirectory, "packages");
/** All files of a running lab; removed by `down`. */
export const runDirectory = join(labDirectory, "run");

/** Kept states of a running lab, for stories that begin with one. */
export const keptDirectory = join(runDirectory, "kept");

/** The parts of a kept image. */
export const imageIn = (directory: string) => ({
  recipe: join(directory, "recipe"),
  root: join(directory, "root.ext4"),
  kernel: join(directory, "vmlinuz"),
  initrd: join(directory, "initrd.cpio"),
  lun: (name: string) => join(directory, `${name}.raw`),
});
export type Image = ReturnType<typeof imageIn>;

/** The files of a running lab. */
export const run = {
  state: join(runDirectory, "state.json"),
  log: join(runDirectory, "supervisor.log"),
  control: join(runDirectory, "control.sock"),
  privateKey: join(runDirectory, "id_ed25519"),
  /** Exists if a story left traces in the lab. */
  traces: join(runDirectory, "traces"),
  knownHosts: join(runDirectory, "known_hosts"),
  /** `DATA_DIR` for a bot that runs against the lab. */
  data: join(runDirectory, "data"),
  lun: (name: string) => join(runDirectory, `${name}.raw`),
  /** The file of another LUN that has the same WWID. */
  twin: (name: string) => join(runDirectory, `${name}.twin`),
  /** The files of a state of all guests, kept under a name. */
  kept: (name: string) => ({
    directory: join(keptDirectory, name),
    lun: (lun: string) => join(keptDirectory, name, `${lun}.raw`),
    data: join(keptDirectory, name, "data"),
    /** Names of the hosts that held a lease then. */
    holders: join(keptDirectory, name, "holders.json"),
  }),
  of: (guest: string) => ({
    initrd: join(runDirectory, `${guest}.initrd`),
    disk: join(runDirectory, `${guest}.qcow2`),
    console: join(runDirectory, `${guest}.console`),
    monitor: join(runDirectory, `${guest}.qmp`),
    array: join(runDirectory, `${guest}.tgt`),
    twin: join(runDirectory, `${guest}.twin`),
  }),
};
