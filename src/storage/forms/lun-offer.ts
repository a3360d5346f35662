import type { LunChoice, LunOffer, OfferOf, UnusableLun } from "../../core/guided-form.ts";
import type { Inventory } from "../../core/inventory.ts";

import { runInSlices, type Slices } from "../../core/parts.ts";
import { fixesInLine, type Reason } from "../../core/refusal.ts";
import { few } from "../../core/shared-facts.ts";
import { inUseReasons, shareReasons } from "../checks/checks.ts";
import { oneLunReasons } from "../checks/one-lun.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Lun, type LunOnHost, lunsOf, pathsOf, sizesOf } from "../observe/lun.ts";
import { ownerOf } from "../owner.ts";
import { contentOf } from "../render/matrix.ts";

import { formatBytes } from "../size.ts";

/** A LUN with its facts that do not depend on owners in the inventory. */
interface Judged {
  readonly lun: Lun;
  readonly ending: string;
  readonly reasons: readonly Reason[];
}

const AT_A_TIME = 100;

/** The LUNs of some hosts as a form offers them. The plan reads their content again. */
export async function lunOffer(views: readonly HostView[], all: string): Promise<OfferOf> {
  const problems = views.flatMap(({ host, problems: own }) => [...new Set(own)].map((why) => `${host.name}: ${why}`));
  // As in the plan: if a host was not read, no LUN can be used.
  const judged = problems.length > 0 ? [] : await runInSlices(judging(views));
  return (inventory) => ({ ...offerOf(judged, views, inventory), problems, all });
}

function* judging(views: readonly HostView[]): Slices<Judged[]> {
  const luns = lunsOf(views);
  const endings = endingsOf(luns.map(({ wwid }) => wwid));
  const judged: Judged[] = [];
  for (const lun of luns) {
    const reasons = [
      ...shareReasons(lun, views),
      ...oneLunReasons(lun.wwid, lun.on),
      ...inUseReasons(lun, views, null),
    ];
    judged.push({ lun, ending: endings.get(lun.wwid) ?? lun.wwid, reasons });
    if (judged.length % AT_A_TIME === 0) yield;
  }
  return judged;
}

/** The last characters of a WWID that distinguish it from the others, at least six. */
function endingsOf(wwids: readonly string[]): Map<string, string> {
  const endings = new Map<string, string>();
  let left = wwids;
  for (let length = 6; left.length > 0; length += 2) {
    const byEnding = groupedBy(left, (wwid) => wwid.slice(-length));
    for (const [ending, same] of byEnding) {
      const [only, another] = same;
      if (only !== undefined && (another === undefined || ending === only)) endings.set(only, shown(only, ending));
    }
    left = left.filter((wwid) => !endings.has(wwid));
  }
  return endings;
}

function groupedBy<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return groups;
}

const shown = (wwid: string, ending: string): string => (ending === wwid ? wwid : `…${ending}`);

function offerOf(
  judged: readonly Judged[],
  views: readonly HostView[],
  inventory: Inventory,
): Pick<LunOffer, "usable" | "unusable"> {
  const usable: LunChoice[] = [];
  const unusable: UnusableLun[] = [];
  for (const { lun, ending, reasons } of judged) {
    const { wwid } = lun;
    const size = sizesOf(lun).map(formatBytes).join(" ≠ ") || "size unknown";
    const owner = ownerOf(wwid, inventory);
    const [reason = null] = reasons;
    const text = `${ending} · ${size}`;
    if (owner !== null) {
      const { name } = owner.storage;
      const isDone = owner.block.addedAt !== null;
      const why = isDone ? `${text} is owned by ${name}` : `${text} is claimed for ${name}, which is not finished`;
      unusable.push({ wwid, why, owner: isDone ? name : null });
    } else if (reason !== null) {
      unusable.push({ wwid, why: whyNot(reason, reasons.length - 1, wwid, text), owner: null });
    } else {
      const content = contentOf(lun, views, inventory);
      const detail = `${pathsText(lun.on)} · seen by ${lun.on.length} of ${views.length}`;
      usable.push({ value: wwid, text: `${text} · ${content}`, detail, content: hasContent(lun) ? content : null });
    }
  }
  return { usable, unusable };
}

/** `…bbe2b7 · 536.9 GB is mounted on host2 at /mnt. 2 more reasons prevent it. Fix: unmount it on host2` */
function whyNot({ text: given, fixes }: Reason, more: number, wwid: string, text: string): string {
  const [fix] = fixes;
  const short = text.split(" ")[0] ?? wwid;
  // The object is first: a reason that begins with a host follows the LUN.
  const about = given.replace(/^LUN /, "");
  const reason = about.startsWith(wwid)
    ? about.replace(wwid, text)
    : `${text}: ${given.includes(`${wwid}'`) ? given : given.replace(wwid, "it")}`;
  const others = more === 0 ? "" : more === 1 ? ". 1 more reason prevents it" : `. ${more} more reasons prevent it`;
  const then = fix === undefined ? "" : `. ${fixesInLine([fix])}`;
  return `${reason}${others}${then}`.replaceAll(wwid, short);
}

const hasContent = ({ on }: Lun): boolean =>
  on.some(({ labels, fileSystem }) => labels.length > 0 || fileSystem !== null);

/** `paths 4/4`, or `paths 2/4 on host1, else 4/4`. */
function pathsText(on: readonly LunOnHost[]): string {
  const byPaths = [...groupedBy(on, pathsOf)].sort(([, left], [, right]) => left.length - right.length);
  const [most] = byPaths.at(-1) ?? ["unknown"];
  const others = byPaths.slice(0, -1).map(([paths, hosts]) => `${paths} on ${few(hosts.map(({ host }) => host.name))}`);
  return others.length === 0 ? `paths ${most}` : `paths ${others.join(", ")}, else ${most}`;
}
