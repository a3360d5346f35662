import { standIn } from "./stand-in.ts";

/** Programs that change disks, maps, groups or locks are counted on the host. The bot's own report proves nothing. */
export const counted = [
  ...["wipefs", "vgcreate", "vgextend", "vgchange", "vgremove", "pvresize", "pvchange", "pvremove", "lvchange"],
  ...["lvremove", "multipath", "multipathd", "tee", "iscsiadm", "virsh", "dd", "sanlock"],
].map((program) => standIn(program, null));

/** Calls of them that only read. */
const reading: readonly RegExp[] = [
  /^wipefs (?!.*--all )|^wipefs .*--no-act/,
  /^dd (?!.* of=)/,
  /^multipath -(ll|a)/,
  /^multipathd show/,
  /^virsh .*--readonly /,
  /^sanlock client (status|host_status)/,
  /^iscsiadm (--mode=session|--mode=discovery|--mode=node --targetname=\S+( --rescan)?$)/,
];
const changesDisk = (ran: string): boolean => reading.every((call) => !call.test(ran));

interface HostLog {
  readonly host: string;
  /** What its stand-ins wrote, a line each: `1763870000123456789 wipefs --all --force /dev/mapper/mpatha`. */
  readonly log: string;
}

/** The programs that changed something, of all hosts, oldest first. */
export function changesIn(logs: readonly HostLog[]): string[] {
  return logs
    .flatMap(({ host, log }) =>
      log.split("\n").flatMap((line) => {
        const [, time, ran] = /^(\d+) (.+)$/.exec(line) ?? [];
        return time === undefined || ran === undefined || !changesDisk(ran) ? [] : [{ time, text: `${host}: ${ran}` }];
      }),
    )
    .sort((left, right) => left.time.localeCompare(right.time))
    .map(({ text }) => text);
}
