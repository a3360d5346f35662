import { homedir } from "node:os";
import { join } from "node:path";

/** Where the lab keeps its files; outside the repository. */
export const labDirectory = process.env.LAB_DIR || join(homedir(), ".cache", "zstack-chatops-lab");

/** Kept between runs. */
export const imageDirectory = join(labDirectory, "image");
/** A build that was broken off is thrown away. */
export const buildDirectory = join(labDirectory, "building");
/** Debian's packages, so that a changed recipe needs no network. */
export const packageDirectory = join(labDirectory, "packages");
/** All of a running lab; gone after `down`. */
export const runDirectory = join(labDirectory, "run");

/** States of a running lab that stories begin with. */
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
  /** There where a story left its traces in the lab. */
  traces: join(runDirectory, "traces"),
  knownHosts: join(runDirectory, "known_hosts"),
  /** `DATA_DIR` for a bot that runs against the lab. */
  data: join(runDirectory, "data"),
  lun: (name: string) => join(runDirectory, `${name}.raw`),
  /** Of another LUN that bears the same WWID. */
  twin: (name: string) => join(runDirectory, `${name}.twin`),
  /** What belongs to a state of all guests that was kept under a name. */
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
