import { check } from "../../core/check.ts";
import type { PrimaryStorage } from "../../core/inventory.ts";
import { linesPart, type Part } from "../../core/reply.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import { listUsablePhysicalVolumes } from "../../host/lvm.ts";
import type { HostView } from "../observe/host-view.ts";
import { formatBytes } from "../size.ts";
import { UNUSABLE } from "./join.ts";

/** The group's capacity before and after it grew: one line if all hosts agree, else one for each host. */
export function capacityPart({ uuid }: PrimaryStorage, before: readonly HostView[], now: readonly HostView[]): Part {
  const capacityOf = (view: HostView | undefined) => {
    const group = view?.groups.find((each) => each.name === uuid);
    return group === undefined ? "unknown" : `${formatBytes(group.sizeBytes)} (${formatBytes(group.freeBytes)} free)`;
  };
  const onHosts = now.map((view) => ({
    host: view.host.name,
    growth: `${capacityOf(before.find((each) => each.host.uuid === view.host.uuid))} → ${capacityOf(view)}`,
  }));
  const facts = sharedFacts(
    onHosts,
    ({ host }) => host,
    ({ growth }) => growth,
  );
  const [first, ...others] = facts;
  if (first === undefined) return { kind: "fields", fields: [["Capacity", "unknown"]] };
  if (others.length === 0)
    return {
      kind: "fields",
      fields: [[`Capacity on ${onHosts.length === 1 ? first.hosts : `all ${onHosts.length} hosts`}`, first.fact]],
    };
  const lines = facts.map(({ hosts, fact }) => [{ bold: hosts }, ` ${fact}`]);
  return linesPart("Capacity", lines, "warning");
}

/** The host reads this number of physical volumes in the group, and they are larger than before. */
export const readsVolumes = (group: string, count: number, moreThanBytes: number) =>
  check(
    listUsablePhysicalVolumes,
    (read) => {
      const volumes = read.filter((volume) => volume.volumeGroup === group && volume.device.startsWith("/dev/"));
      if (volumes.length < count) return `reads ${volumes.length} of ${count} physical volumes of ${group}${UNUSABLE}`;
      const bytes = volumes.reduce((sum, volume) => sum + volume.sizeBytes, 0);
      return bytes > moreThanBytes ? null : `still reads ${group} with ${formatBytes(bytes)}`;
    },
    [group],
  );
