import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import type { Stage } from "../../core/plan.ts";
import { createSharedVolumeGroup } from "../../host/lvm.ts";
import { deviceOn, guardOf } from "../checks/guards.ts";
import type { Candidate } from "../observe/candidate.ts";
import { sizesOf } from "../observe/lun.ts";

/**
 * The tag that marks ZStack's groups: `zs::sharedblock::init::HOSTUUID::TIME::HOSTNAME`. TIME is in seconds, in the
 * format of Python.
 */
const initTag = (host: Host, hostname: string, askedAt: string): string =>
  `zs::sharedblock::init::${host.uuid}::${(Date.parse(askedAt) / 1000).toFixed(2)}::${hostname}`;

/** 2 GiB of metadata, as ZStack's agent uses, or a sixteenth of a small LUN. */
export const metadataSizeMiB = (sizeBytes: number): number =>
  Math.max(4, Math.min(2048, Math.floor(sizeBytes / 16 / 1024 ** 2)));

export function createStage(
  writer: Host,
  hostname: string,
  storage: PrimaryStorage,
  candidates: readonly Candidate[],
  askedAt: string,
): Stage {
  const command = createSharedVolumeGroup({
    name: storage.uuid,
    tag: initTag(writer, hostname, askedAt),
    metadataSizeMiB: metadataSizeMiB(Math.min(...candidates.flatMap(({ lun }) => sizesOf(lun)))),
    devices: candidates.map((candidate) => deviceOn(writer, candidate)),
  });
  const why = `makes ${candidates.map(({ lun }) => lun.wwid).join(", ")} the volume group of ${storage.name}`;
  return {
    kind: "hosts",
    title: "Create the volume group",
    steps: [{ host: writer, command, guard: guardOf(writer, candidates, () => []), why }],
    waitingFor: "sanlock's lease of the first host, about half a minute",
  };
}
