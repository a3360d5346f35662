import type { Facts } from "../../core/facts.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import { type Capacity, readCapacity } from "../../host/scsi.ts";
import { problemsOf } from "./host-view.ts";

/** The array's answer on each path of a host, by the disk's kernel name. */
export interface OfferedSizes {
  readonly host: Host;
  readonly byDisk: ReadonlyMap<string, Capacity>;
  readonly problems: readonly Reason[];
}

/**
 * Asks the array itself on every path, in one round trip. A path that first reported something else is asked once more.
 * Nothing changes: the kernel keeps its size.
 */
export async function askSizes(host: Host, disks: readonly string[], facts: Facts): Promise<OfferedSizes> {
  const first = await asked(host, disks, facts);
  const again = disks.filter((disk) => first.byDisk.get(disk) === "again");
  if (again.length === 0) return first;
  const second = await asked(host, again, facts);
  return {
    host,
    byDisk: new Map([...first.byDisk, ...second.byDisk]),
    problems: [...first.problems, ...second.problems],
  };
}

async function asked(host: Host, disks: readonly string[], facts: Facts): Promise<OfferedSizes> {
  const reads: Record<string, ReadCommand<Capacity>> = Object.fromEntries(
    disks.map((disk) => [disk, readCapacity(disk)]),
  );
  const seen = await facts.gather(host, reads);
  const answers = disks.flatMap((disk) => {
    const outcome = seen[disk];
    return outcome?.kind === "done" ? [[disk, outcome.value] as const] : [];
  });
  return {
    host,
    byDisk: new Map(answers),
    problems: problemsOf(reads, seen).map((why) => reason("HOST_UNREADABLE", `${host.name}: ${why}`)),
  };
}
