import type { HostView } from "./host-view.ts";
import { type Lun, sizesOf } from "./lun.ts";
import { notUnderstoodAbout } from "./not-understood.ts";
import { unnamedDisks } from "./unnamed-disks.ts";

/** Why it is not known whether a host sees one of the LUNs; none where it surely does, or surely does not. */
export function sightProblems(view: HostView, luns: readonly Lun[]): string[] {
  const wwids = luns.map(({ wwid }) => wwid);
  const sizes = new Set(luns.flatMap(sizesOf));
  const alike = unnamedDisks([view])
    .filter(({ sizeBytes }) => sizes.has(sizeBytes))
    .map(({ kernelName }) => `its disk ${kernelName} tells no usable name and has the size of the LUN`);
  return [...new Set([...view.sightProblems, ...notUnderstoodAbout(view, wwids).map(({ why }) => why), ...alike])];
}
