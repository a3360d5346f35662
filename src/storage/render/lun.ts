import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf, storageOf } from "../../core/find.ts";
import { named } from "../../core/host-text.ts";
import type { Cluster, Inventory } from "../../core/inventory.ts";
import { runInSlices } from "../../core/parts.ts";
import { reasonText } from "../../core/refusal.ts";
import { type Inline, linesPart, type Part, type Reply } from "../../core/reply.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import { SAMPLED } from "../../host/cmp.ts";
import { deviceReasons, inUseReasons } from "../checks/checks.ts";
import { resolveLun } from "../checks/resolve.ts";
import { type Contents, readContents, signatureLine } from "../observe/contents.ts";
import type { HostView } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { type Lun, type LunOnHost, lunsOf } from "../observe/lun.ts";
import { withUses } from "../observe/use.ts";
import { ownerOf } from "../owner.ts";
import { multipathParts } from "./maps.ts";
import { lunTable, makingLunTable, problemsPart } from "./matrix.ts";
import { unnamedPart } from "./unnamed-disks.ts";

export async function lunReply(
  { cluster, wwid }: { readonly cluster: string; readonly wwid: string },
  facts: Facts,
): Promise<Reply> {
  const where = clusterNamed(facts.inventory, cluster);
  const seen = await observeHosts(someHostsOf(facts.inventory, where, `LUN ${wwid} can't be shown`), facts);
  const named = resolveLun(wwid, lunsOf(seen), seen, cluster);
  const views = await withUses(seen, [named.wwid], facts.gather);
  const lun = lunsOf(views).find((each) => each.wwid === named.wwid) ?? named;
  const contents = [...(await readContents([lun], facts)).values()].flat();
  const owner = ownerOf(lun.wwid, facts.inventory);
  const reasons = [...deviceReasons(lun, views), ...inUseReasons(lun, views, owner?.storage.uuid ?? null)];
  const problems = problemsPart(views);
  return {
    title: `LUN ${lun.wwid}`,
    tone: reasons.length > 0 || problems !== null ? "warning" : "plain",
    parts: [
      ...reasons.map(
        (each): Part => ({ kind: "text", text: [{ bold: each.code }, ` ${reasonText(each)}`], tone: "warning" }),
      ),
      lunTable([lun], views, facts.inventory),
      contentsPart(contents, views.length),
      ...openerParts(lun, views.length),
      ...multipathParts(views, new Set([lun.wwid])),
      ...(problems === null ? [] : [problems]),
    ],
    next: owner === null && reasons.length === 0 ? [takenBy(facts.inventory, where, lun.wwid)] : [],
  };
}

/** A cluster loads at most one storage. The first LUN creates it; others extend it. */
function takenBy(inventory: Inventory, cluster: Cluster, wwid: string): string {
  const storage = storageOf(inventory, cluster);
  return storage === null
    ? `sharedblock add ${cluster.name} wwid=${wwid}`
    : `sharedblock extend ${storage.name} wwid=${wwid}`;
}

/** What each host reads: the same on several hosts is one line. */
export function contentsPart(contents: readonly Contents[], asked = contents.length): Part {
  const facts = sharedFacts(
    contents,
    ({ host }) => host.name,
    ({ signatures, blankness, problems }) => {
      const found = problems.length > 0 ? `unknown: ${problems.join("; ")}` : signatures.map(signatureLine).join("; ");
      const data =
        blankness === null ? "unknown" : blankness.blank ? "all zero" : `data at byte ${blankness.firstByte}`;
      return `signatures: ${found || "none"}; ${SAMPLED}: ${data}`;
    },
    asked,
  );
  const lines = facts.map(({ fact, hosts }): Inline[] => [{ bold: hosts }, ` ${fact}`]);
  return linesPart("Read from the disk", lines);
}

export async function lunListReply({ cluster }: { readonly cluster: string }, facts: Facts): Promise<Reply> {
  const where = clusterNamed(facts.inventory, cluster);
  const seen = await observeHosts(someHostsOf(facts.inventory, where, `listing the LUNs of ${cluster}`), facts);
  // Finding the user of a LUN needs a second round trip. It is made only if something is open, or if no map counts the
  // opens.
  const views = await withUses(seen, openWwids(seen), facts.gather);
  const luns = lunsOf(views);
  const problems = problemsPart(views);
  return {
    title: `${counted(luns.length, "LUN")} on ${counted(views.length, "host")} of ${cluster}`,
    tone: problems === null ? "plain" : "warning",
    parts: [
      luns.length === 0
        ? { kind: "text", text: problems === null ? "No host sees a LUN." : "No host that could be read sees a LUN." }
        : await runInSlices(makingLunTable(luns, views, facts.inventory)),
      ...unnamedPart(views),
      ...(problems === null ? [] : [problems]),
    ],
    next: luns.length === 0 ? [`host rescan ${cluster}`] : [],
  };
}

/** LUNs that are open without a device on them, and LUNs without a map. */
const openWwids = (views: readonly HostView[]): string[] =>
  lunsOf(views).flatMap(({ wwid, on }) =>
    on.some(({ map, unexplainedOpens }) => map === null || unexplainedOpens > 0) ? [wwid] : [],
  );

/** Who has a LUN open on each host, to the last opener; nothing if nobody has. */
function openerParts({ on }: Lun, asked: number): Part[] {
  const open = on.filter((each) => openersOf(each).length > 0 || (each.openCount ?? 0) > 0);
  const facts = sharedFacts(
    open,
    ({ host }) => host.name,
    (each) => `${each.openCount === null ? "" : `map open ${each.openCount} ×: `}${openersOf(each).join(", ")}`,
    asked,
  );
  const lines = facts.map(({ fact, hosts }): Inline[] => [{ bold: hosts }, ` ${fact}`]);
  return lines.length === 0 ? [] : [linesPart("Open on", lines)];
}

const openersOf = (on: LunOnHost): string[] => [
  ...on.mountPoints.map((point) => `mounted at ${named(point)}`),
  ...on.directHolders.map(({ name }) => `device ${named(name)}`),
  ...on.users,
  ...on.possibleUsers.map(({ by }) => `perhaps ${by}`),
  ...(on.unexplainedOpens > 0 ? [`${on.unexplainedOpens} × not explained`] : []),
];
