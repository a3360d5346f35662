import type { Facts } from "../../core/command.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import { named, quoted } from "../../core/host-text.ts";
import type { Host } from "../../core/inventory.ts";
import type { Signature } from "../../core/storage.ts";
import { type Blankness, listSignatures, readBlankness } from "../../host/signatures.ts";
import { problemsOf } from "./host-view.ts";
import { devicePath, type Lun } from "./lun.ts";

/** What lies on a LUN as one host reads it from the disk itself, in one more round trip. */
export interface Contents {
  readonly host: Host;
  readonly signatures: readonly Signature[];
  /** Whether the first 4 MiB are all zero: "no signature" is not "blank". null where it could not be read. */
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

type ContentReads = { [name: `signatures of ${string}`]: ReadCommand<Signature[]> } & {
  [name: `blankness of ${string}`]: ReadCommand<Blankness>;
};

async function contentsOn(host: Host, luns: readonly Lun[], facts: Facts): Promise<Map<Lun, Contents>> {
  const reads = new Map(
    luns.flatMap((lun) => {
      const on = lun.on.find((each) => each.host === host);
      if (on === undefined) return [];
      const device = devicePath(lun.wwid, on);
      return [[lun, { signatures: listSignatures(device), blankness: readBlankness(device) }] as const];
    }),
  );
  const named: ContentReads = {};
  for (const [{ wwid }, read] of reads) {
    named[`signatures of ${wwid}`] = read.signatures;
    named[`blankness of ${wwid}`] = read.blankness;
  }
  const together = await facts.gather(host, named);
  const contents = new Map<Lun, Contents>();
  for (const [lun, read] of reads) {
    const signatures = together[`signatures of ${lun.wwid}`];
    const blankness = together[`blankness of ${lun.wwid}`];
    if (signatures === undefined || blankness === undefined)
      throw new Error(`${lun.wwid} was not read on ${host.name}`);
    contents.set(lun, {
      host,
      signatures: signatures.kind === "done" ? signatures.value : [],
      blankness: blankness.kind === "done" ? blankness.value : null,
      problems: problemsOf(read, { signatures, blankness }),
    });
  }
  return contents;
}

/** One line a signature: `LVM2_member zUbBDF-… at 536`, as it is shown, compared and recorded. */
export function signatureLine(signature: Signature): string {
  const label = signature.label === null ? "" : ` ${quoted(signature.label)}`;
  const uuid = signature.uuid === null ? "" : ` ${named(signature.uuid)}`;
  return `${named(signature.type)}${label}${uuid} at byte ${signature.offsetBytes}`;
}
