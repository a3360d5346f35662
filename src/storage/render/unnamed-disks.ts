import { counted } from "../../core/counted.ts";
import type { Part } from "../../core/reply.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import type { HostView } from "../observe/host-view.ts";
import { type UnnamedDisk, unnamedDisks } from "../observe/unnamed-disks.ts";
import { formatBytes } from "../size.ts";

/** So many disks are named. The others are counted. */
const MOST = 10;

/** Disks without a usable name. They are counted, and can't become shared blocks. */
export function unnamedPart(views: readonly HostView[]): Part[] {
  const disks = unnamedDisks(views);
  if (disks.length === 0) return [];
  const alike = sharedFacts(disks, ({ host }) => host.name, textOf, views.length);
  const named = alike.slice(0, MOST).map(({ fact, hosts }) => `${hosts} ${fact}`);
  const more = alike.length > MOST ? [`and ${alike.length - MOST} more`] : [];
  const count = `${counted(disks.length, "disk")} ${disks.length === 1 ? "has" : "have"}`;
  return [
    {
      kind: "text",
      text: `${count} no usable name (NAA, or a multipath map), so no shared block can be made of it: ${[...named, ...more].join("; ")}. Give the LUN a WWN on the array.`,
      tone: "warning",
    },
  ];
}

const textOf = ({ kernelName, sizeBytes, make, name }: UnnamedDisk): string =>
  `${kernelName} (${[make, formatBytes(sizeBytes), name ?? "no name"].filter((word) => word !== "").join(", ")})`;
