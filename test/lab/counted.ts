import { standIn } from "./stand-in.ts";

/** What changes disks, maps, groups and locks is counted on the host itself: what the bot says it ran proves nothing. */
export const counted = [
  ...["wipefs", "vgcreate", "vgextend", "vgchange", "vgremove", "pvresize", "pvchange", "pvremove", "lvchange"],
  ...["lvremove", "multipath", "multipathd", "tee", "iscsiadm", "virsh", "dd", "sanlock"],
].map((program) => standIn(program, null));

/** These also only look. */
const looking: readonly RegExp[] = [
  /^wipefs (?!.*--all )|^wipefs .*--no-act/,
  /^dd (?!.* of=)/,
  /^multipath -(ll|a)/,
  /^multipathd show/,
  /^virsh .*--readonly /,
  /^sanlock client (status|host_status)/,
  /^iscsiadm (--mode=session|--mode=discovery|--mode=node --targetname=\S+( --rescan)?$)/,
];
const changesDisk = (ran: string): boolean => looking.every((look) => !look.test(ran));

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
