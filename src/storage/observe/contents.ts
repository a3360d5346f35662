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

/** The content of a LUN that one host reads from the disk itself, in one more round trip. */
export interface Contents {
  readonly host: Host;
  readonly signatures: readonly Signature[];
  /**
   * Whether the first 4 MiB and the samples are all zero. "No signature" does not mean "blank". Null if they could not
   * be read.
   */
  readonly blankness: Blankness | null;
  readonly problems: readonly string[];
}

/**
 * Every host reads every LUN that it sees, in one round trip a host. If one reads other data than the others, it sees
 * another disk or an old cache.
 */
export async function readContents(luns: readonly Lun[], facts: Facts): Promise<Map<Lun, Contents[]>> {
  const hosts = [...new Set(luns.flatMap((lun) => lun.on.map((on) => on.host)))];
  const seen = await Promise.all(hosts.map((host) => contentsOn(host, luns, facts)));
  return new Map(luns.map((lun) => [lun, seen.flatMap((ofHost) => ofHost.get(lun) ?? [])]));
}

/** The beginning and samples of a LUN. If the host does not report the size, only the beginning is read. */
export const blanknessReads = (device: string, sizeBytes: number | null) => ({
  signatures: listSignatures(device),
  beginning: readBlankness(device),
  samples: sizeBytes === null ? readBlankness(device) : readSamples(device, sizeBytes),
});
type ReadsOfLun = ReturnType<typeof blanknessReads>;

/** The position of the data: in the beginning, or else in the samples. */
export const completeBlankness = (beginning: Blankness, samples: Blankness): Blankness =>
  beginning.blank ? samples : beginning;

/** The samples of one LUN need 10 KiB of the script of a round trip. The kernel accepts at most 128 KiB. */
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

/** One line a signature: `LVM2_member zUbBDF-… at 536`. It is shown, compared and recorded in this form. */
export function signatureLine(signature: Signature): string {
  const label = signature.label === null ? "" : ` ${quoted(signature.label)}`;
  const uuid = signature.uuid === null ? "" : ` ${named(signature.uuid)}`;
  return `${named(signature.type)}${label}${uuid} at byte ${signature.offsetBytes}`;
}
