import type { Facts } from "../../core/facts.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import { named, quoted } from "../../core/host-text.ts";
import type { Host } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import type { Signature } from "../../core/storage.ts";
import { type Blankness, readBlankness, readSamples } from "../../host/cmp.ts";
import { listSignatures } from "../../host/wipefs.ts";
import { problemsOf } from "./host-view.ts";
import { devicePath, type Lun } from "./lun.ts";

/** The contents of a LUN as one host reads them from the disk itself, in one more round trip. */
export interface Contents {
  readonly host: Host;
  readonly signatures: readonly Signature[];
  /** Whether the first 4 MiB and the samples are all zero: "no signature" is not "blank". null where they could not be read. */
  readonly blankness: Blankness | null;
  readonly problems: readonly string[];
}

/**
 * Every host reads every LUN that it sees, all in one round trip a host: one that reads something else than the others
 * sees another disk, or a stale cache.
 */
export async function readContents(luns: readonly Lun[], facts: Facts): Promise<Map<Lun, Contents[]>> {
  const hosts = [...new Set(luns.flatMap((lun) => lun.on.map((on) => on.host)))];
  const seen = await Promise.all(hosts.map((host) => contentsOn(host, luns, facts)));
  return new Map(luns.map((lun) => [lun, seen.flatMap((ofHost) => ofHost.get(lun) ?? [])]));
}

/** Beginning and samples of a LUN; if the host does not report the size, only the beginning is read. */
export const blanknessReads = (device: string, sizeBytes: number | null) => ({
  signatures: listSignatures(device),
  beginning: readBlankness(device),
  samples: sizeBytes === null ? readBlankness(device) : readSamples(device, sizeBytes),
});
type ReadsOfLun = ReturnType<typeof blanknessReads>;

/** Of the beginning if that is not blank, else of the samples. */
export const completeBlankness = (beginning: Blankness, samples: Blankness): Blankness =>
  beginning.blank ? samples : beginning;

/** The samples of a LUN take 10 KiB of the script that a round trip is, and the kernel takes 128 KiB at most. */
const LUNS_A_TRIP = 8;

async function contentsOn(host: Host, luns: readonly Lun[], facts: Facts): Promise<Map<Lun, Contents>> {
  const contents = new Map<Lun, Contents>();
  const seen = luns.flatMap((lun) => {
    const on = lun.on.find((each) => each.host === host);
    return on === undefined ? [] : [[lun, blanknessReads(devicePath(lun.wwid, on), on.sizeBytes)] as const];
  });
  for (let from = 0; from < seen.length; from += LUNS_A_TRIP) {
    const some = seen.slice(from, from + LUNS_A_TRIP);
    for (const [lun, read] of await contentsOfSome(host, some, facts)) contents.set(lun, read);
  }
  return contents;
}

async function contentsOfSome(
  host: Host,
  luns: readonly (readonly [Lun, ReadsOfLun])[],
  facts: Facts,
): Promise<(readonly [Lun, Contents])[]> {
  const named: { [name: `signatures of ${string}`]: ReadCommand<Signature[]> } & {
    [name: `${"beginning" | "samples"} of ${string}`]: ReadCommand<Blankness>;
  } = {};
  for (const [{ wwid }, reads] of luns) {
    named[`signatures of ${wwid}`] = reads.signatures;
    named[`beginning of ${wwid}`] = reads.beginning;
    named[`samples of ${wwid}`] = reads.samples;
  }
  const together = await facts.gather(host, named);
  return luns.map(([lun, reads]) => {
    const signatures = together[`signatures of ${lun.wwid}`];
    const beginning = together[`beginning of ${lun.wwid}`];
    const samples = together[`samples of ${lun.wwid}`];
    if (signatures === undefined || beginning === undefined || samples === undefined) {
      throw new Error(`${lun.wwid} was not read on ${host.name}`);
    }
    const isRead = beginning.kind === "done" && samples.kind === "done";
    const read: Contents = {
      host,
      signatures: valueOr(signatures, []),
      blankness: isRead ? completeBlankness(beginning.value, samples.value) : null,
      problems: problemsOf(reads, { signatures, beginning, samples }),
    };
    return [lun, read] as const;
  });
}

/** One line a signature: `LVM2_member zUbBDF-… at 536`, as it is shown, compared and recorded. */
export function signatureLine(signature: Signature): string {
  const label = signature.label === null ? "" : ` ${quoted(signature.label)}`;
  const uuid = signature.uuid === null ? "" : ` ${named(signature.uuid)}`;
  return `${named(signature.type)}${label}${uuid} at byte ${signature.offsetBytes}`;
}
