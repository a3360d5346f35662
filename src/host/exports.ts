import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { eachUnderstood } from "../core/not-understood.ts";
import { filledLinesOf } from "./lines.ts";

/** A disk that the host's kernel offers to others as a target. */
export interface Export {
  /** `LIO:iblock_0/disk1` */
  readonly by: string;
  /** The device as the target was given it. */
  readonly device: string;
}

const TARGETS = [
  "/sys/kernel/config/target/core",
  "/sys/kernel/config/nvmet/subsystems",
  "/sys/kernel/scst_tgt/devices",
];

/**
 * What LIO, nvmet and SCST export; none where no target is loaded. grep ends with 1 where nothing is exported, with 2
 * where one of the targets is not there.
 */
export const listExports: ReadCommand<Export[]> = {
  effect: "read",
  argv: [
    "grep",
    "-r",
    "-s",
    "-H",
    "--include=udev_path",
    "--include=device_path",
    "--include=filename",
    // SCST's pass-through has no file with a device: its devices are named by their addresses.
    "--include=type",
    ...["-e", "/", "-e", "^[0-9]"],
    ...TARGETS,
  ],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1, 2],
  parse: ({ stdout, stderr }, note) => {
    // -s silences what is not there; what is said all the same is another trouble.
    if (stderr.trim() !== "") throw new OutputNotUnderstood("grep", stderr.trim(), "exports, or none");
    // What is not understood may be an export of any disk.
    return eachUnderstood(filledLinesOf(stdout), exported, () => null, note);
  },
};

/** `/sys/kernel/config/target/core/iblock_0/disk1/udev_path:/dev/mapper/mpatha` */
function exported(line: string): Export[] {
  const [, address] = /^\/sys\/kernel\/scst_tgt\/devices\/(\d+:\d+:\d+:\d+)\/type:/.exec(line) ?? [];
  if (address !== undefined) return [{ by: `SCST:${address}`, device: `/dev/bsg/${address}` }];
  if (/^\/sys\/kernel\/scst_tgt\/devices\/[^:]+\/type:/.test(line)) return [];
  const [, file, device] = /^(.*\/(?:udev_path|device_path|filename)):(\/.*)$/.exec(line) ?? [];
  if (file === undefined || device === undefined) throw new OutputNotUnderstood("grep", line, "a file and its device");
  const [, lio] = /^\/sys\/kernel\/config\/target\/core\/(.*)\/udev_path$/.exec(file) ?? [];
  const [, nvme] = /^\/sys\/kernel\/config\/nvmet\/subsystems\/(.*)\/device_path$/.exec(file) ?? [];
  const [, scst] = /^\/sys\/kernel\/scst_tgt\/devices\/(.*)\/filename$/.exec(file) ?? [];
  const by = lio ? `LIO:${lio}` : nvme ? `nvmet:${nvme}` : scst ? `SCST:${scst}` : file;
  return [{ by, device: device.trimEnd() }];
}
