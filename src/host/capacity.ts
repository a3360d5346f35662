import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";

/**
 * What the array answers on one path when it is asked for the LUN's size. `again`: it had something else to say first
 * (a unit attention, as after every change of a LUN). `silent`: no such LUN is offered there any more, or nothing answers.
 */
export type Capacity = { readonly bytes: number } | "again" | "silent";

const UNIT_ATTENTION = 6;
/** sg3_utils: illegal request (logical unit not supported), file error, time-out, transport, other; 50 + errno (EIO, ENXIO, ENODEV). */
const SILENT: readonly number[] = [5, 15, 33, 35, 55, 56, 69, 98, 99];

/**
 * A LUN's size as the array has it now. The kernel keeps what it read when it last scanned, and lsblk and blockdev tell
 * only that. Opened for reading: closing a disk that was open for writing makes udev probe it anew. sg3_utils before 1.41
 * (RHEL 7) can't choose.
 */
export const readCapacity = (disk: string): ReadCommand<Capacity> => ({
  effect: "read",
  argv: ["sg_readcap", "--brief", "--readonly", `/dev/${disk}`],
  timeoutMs: 20_000,
  limits: ONE,
  exitCodes: [0, UNIT_ATTENTION, ...SILENT],
  parse: capacity,
  older: { argv: ["sg_readcap", "--brief", `/dev/${disk}`], translate: (output) => output },
});

/**
 * The number of blocks and their size; above 2 TiB behind two lines of talk:
 *
 *     READ CAPACITY (10) indicates device capacity too large
 *       now trying 16 byte cdb variant
 *     0x180000000 0x200
 */
function capacity({ stdout, exitCode }: CommandOutput): Capacity {
  if (exitCode === UNIT_ATTENTION) return "again";
  if (exitCode !== 0) return "silent";
  const [, blocks, blockBytes] = /^(0x[0-9a-f]+) (0x[0-9a-f]+)\s*$/m.exec(stdout) ?? [];
  const bytes = Number(blocks) * Number(blockBytes);
  if (!(bytes > 0)) throw new OutputNotUnderstood("sg_readcap", stdout.trim(), "number of blocks and block size");
  return { bytes };
}
