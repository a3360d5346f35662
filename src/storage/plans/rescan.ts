import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { chosenHosts, clusterOf } from "../../core/find.ts";
import type { Host, Inventory } from "../../core/inventory.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import type { Step } from "../../core/step.ts";
import { listScsiHosts, rescanScsiHosts } from "../../host/scsi.ts";
import { settleDevices } from "../../host/udev.ts";
import { type HostView, lunReads, problemsOf, viewOf } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { lunsOf } from "../observe/lun.ts";
import { leftOutParts } from "../render/left-out.ts";
import { lunTable, problemsPart } from "../render/matrix.ts";

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
  return plan({
    title: `Rescan ${target}`,
    verb: "Rescan",
    undo: { none: "A rescan changes no data." },
    facts: leftOut,
    stages: [{ kind: "hosts", title: "Scan", steps: reached }],
    locks: hosts.map((host) => `scan of ${host.name}`),
    result: async (later) => ({
      shown: [...leftOut, ...appearedParts(await observeHosts(hosts, later), before, later.inventory)],
      next: [`lun list ${clusterOf(facts.inventory, hosts).name}`],
    }),
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
