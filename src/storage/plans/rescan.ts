import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { chosenHosts, clusterOf } from "../../core/find.ts";
import type { Host, Inventory } from "../../core/inventory.ts";
import { type Plan, plan, type Stage } from "../../core/plan.ts";
import { reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import type { Step } from "../../core/step.ts";
import { isWorking } from "../../host/multipath.ts";
import { listScsiHosts, rescanScsiHosts } from "../../host/scsi.ts";
import { settleDevices } from "../../host/udev.ts";
import { type HostView, lunReads, problemsOf, viewOf } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { lunsOf } from "../observe/lun.ts";
import { askSizes } from "../observe/offered-size.ts";
import { ownerOf } from "../owner.ts";
import { leftOutParts } from "../render/left-out.ts";
import { lunTable, problemsPart } from "../render/matrix.ts";
import { formatBytes } from "../size.ts";
import { mapSteps, type NewSize, pathSteps } from "../steps/new-size.ts";

export async function planRescan(
  { hostOrCluster: target }: { readonly hostOrCluster: string },
  facts: Facts,
): Promise<Plan> {
  const hosts = chosenHosts(facts.inventory, target);
  const headline = `${target} can't be rescanned`;
  const seen = await Promise.all(hosts.map(async (host) => ({ host, observation: await facts.gather(host, reads) })));
  const lost = seen.filter(({ observation }) => observation.scsiHosts.kind !== "done");
  const reached = seen.flatMap(({ host, observation }) =>
    observation.scsiHosts.kind === "done" ? stepsFor(host, observation.scsiHosts.value) : [],
  );
  const problems = lost.map(({ host, observation }) => `${host.name}: ${problemsOf(reads, observation).join("; ")}`);
  const noScsi = reason("HOST_NOT_READY", "there is no SCSI host to rescan", "connect the host to the array");
  refuse(
    headline,
    reached.length === 0
      ? [...problems.map((why) => reason("HOST_UNREADABLE", why)), ...(lost.length === 0 ? [noScsi] : [])]
      : [],
    { next: [`host show ${hosts[0]?.name}`] },
  );
  // What a host saw before is known only if it was read completely.
  const before = new Map(
    seen
      .map(({ host, observation }) => viewOf(host, observation))
      .filter((view) => view.problems.length === 0)
      .map((view) => [view.host.name, new Set(lunsOf([view]).map((lun) => lun.wwid))] as const),
  );
  const leftOut = leftOutParts(
    lost.map(({ host, observation }) => ({ host, why: problemsOf(reads, observation).join("; ") })),
  );
  const grown = (
    await Promise.all(seen.map(({ host, observation }) => grownOn(viewOf(host, observation), facts)))
  ).flat();
  return plan({
    title: `Rescan ${target}`,
    verb: "Rescan",
    undo: { none: "A rescan changes no data." },
    facts: leftOut,
    stages: [
      { kind: "hosts", title: "Scan", steps: reached },
      ...(grown.length === 0
        ? []
        : [
            sizeStage("Every path reads the new size", grown.flatMap(pathSteps)),
            sizeStage("Resize the maps", grown.flatMap(mapSteps)),
          ]),
    ],
    leftOut: lost.map(({ host }) => host),
    // An operation on one of these LUNs must not meet a map that grows.
    locks: [...new Set([...hosts.map((host) => `scan of ${host.name}`), ...grown.map(({ lun }) => lun.wwid)])],
    result: async (later) => {
      const views = await observeHosts(hosts, later);
      return {
        shown: [...leftOut, ...grownParts(grown, views), ...appearedParts(views, before, later.inventory)],
        next: [`lun list ${clusterOf(facts.inventory, hosts).name}`],
      };
    },
  });
}

/** The scan is done before. A host that keeps an old size stops neither the other hosts nor the list of new LUNs. */
const sizeStage = (title: string, steps: readonly Step[]): Stage => ({ kind: "hosts", title, steps, bestEffort: true });

/**
 * LUNs of no storage that the array has enlarged: no other command reads their new size. A path that does not answer would
 * keep the old size, and a map must not be larger than its paths.
 */
async function grownOn(view: HostView, facts: Facts): Promise<NewSize[]> {
  if (view.problems.length > 0) return [];
  const luns = lunsOf([view]).flatMap(({ wwid, on: [on] }) => {
    if (on === undefined || on.map === null || on.notUnderstood.length > 0 || on.pathSizes.size === 0) return [];
    return on.map.paths.every(isWorking) && ownerOf(wwid, facts.inventory) === null ? [{ wwid, on }] : [];
  });
  if (luns.length === 0) return [];
  const { byDisk } = await askSizes(
    view.host,
    luns.flatMap(({ on }) => [...on.pathSizes.keys()]),
    facts,
  );
  return luns.flatMap(({ wwid, on }): NewSize[] => {
    const answers = [...on.pathSizes.keys()].map((disk) => byDisk.get(disk));
    const [first] = answers;
    const isOneSize = answers.every(
      (each) => typeof each === "object" && typeof first === "object" && each.bytes === first.bytes,
    );
    if (!isOneSize || typeof first !== "object" || on.sizeBytes === null) return [];
    const known = Math.min(on.sizeBytes, ...on.pathSizes.values());
    const isLess = first.bytes < Math.max(on.sizeBytes, ...on.pathSizes.values());
    return isLess || first.bytes === known ? [] : [{ lun: { wwid }, offeredBytes: first.bytes, hosts: [{ on }] }];
  });
}

/** Only what the hosts show afterwards: `LUN …b82173 has 3.30 TB now on host1, host2.` */
function grownParts(grown: readonly NewSize[], views: readonly HostView[]): Part[] {
  const luns = lunsOf(views);
  const sizes = new Map(grown.map(({ lun, offeredBytes }) => [lun.wwid, offeredBytes]));
  return [...sizes].flatMap(([wwid, bytes]): Part[] => {
    const asked = new Set(
      grown.flatMap(({ lun, hosts }) => (lun.wwid === wwid ? hosts.map(({ on }) => on.host.name) : [])),
    );
    const on = luns.find((lun) => lun.wwid === wwid)?.on ?? [];
    const names = on
      .filter(({ host, sizeBytes }) => asked.has(host.name) && sizeBytes === bytes)
      .map(({ host }) => host.name);
    return names.length === 0
      ? []
      : [{ kind: "text", text: `LUN …${wwid.slice(-6)} has ${formatBytes(bytes)} now on ${names.join(", ")}.` }];
  });
}

const reads = { ...lunReads, scsiHosts: listScsiHosts };

function appearedParts(
  views: readonly HostView[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
  inventory: Inventory,
): Part[] {
  const appeared = lunsOf(views).filter(({ wwid, on }) =>
    on.some(({ host }) => before.get(host.name)?.has(wwid) === false),
  );
  const problems = problemsPart(views);
  return [
    {
      kind: "text",
      text: appeared.length === 0 ? "No new LUN appeared." : `${counted(appeared.length, "LUN")} appeared.`,
    },
    ...(appeared.length === 0 ? [] : [lunTable(appeared, views, inventory)]),
    ...(problems === null ? [] : [problems]),
  ];
}

const stepsFor = (host: Host, scsiHosts: readonly string[]): Step[] =>
  scsiHosts.length === 0
    ? []
    : [
        { host, command: rescanScsiHosts([...scsiHosts]), why: `scans ${counted(scsiHosts.length, "SCSI host")}` },
        { host, command: settleDevices, why: "waits until udev has named what appeared" },
      ];
