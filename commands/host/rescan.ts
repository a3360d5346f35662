import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { hostsMeant, refuse } from "../../src/core/find.ts";
import type { Host } from "../../src/core/inventory.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Plan, Step } from "../../src/core/plan.ts";
import type { Part } from "../../src/core/reply.ts";
import { listScsiHosts, rescanScsiHosts } from "../../src/host/scsi.ts";
import { settleDevices } from "../../src/host/udev.ts";
import { lookAtHosts, lunReads, problemsOf, viewOf } from "../../src/sharedblock/look.ts";
import { lunsOf } from "../../src/sharedblock/lun.ts";
import { lunTable, problemsPart } from "../../src/sharedblock/matrix.ts";

const reads = { ...lunReads, scsiHosts: listScsiHosts };

export const hostRescan = defineChange({
  name: "host rescan",
  summary: "scan every SCSI host for new LUNs and report what appeared",
  risk: "reversible",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster") }),
  positional: ["hostOrCluster"],
  examples: ["host rescan cluster-1", "host rescan sharedblock-host1"],
  async plan({ hostOrCluster: target }, facts) {
    const hosts = hostsMeant(facts.inventory, target);
    const doing = `rescanning ${target}`;
    const seen = await Promise.all(hosts.map(async (host) => ({ host, look: await facts.gather(host, reads) })));
    const lost = seen.filter(({ look }) => look.scsiHosts.kind !== "done");
    const reached = seen.flatMap(({ host, look }) =>
      look.scsiHosts.kind === "done" ? stepsFor(host, look.scsiHosts.value) : [],
    );
    const problems = lost.map(({ host, look }) => `${host.name}: ${problemsOf(reads, look).join("; ")}`);
    refuse(
      doing,
      reached.length === 0 ? [...problems, ...(lost.length === 0 ? ["no SCSI host is there to be scanned"] : [])] : [],
      [`host show ${hosts[0]?.name}`],
    );
    const before = seen.flatMap(({ host, look }) =>
      lunsOf([viewOf(host, look)]).map((lun): string[] => [host.name, lun.wwid]),
    );
    return {
      title: `Rescan ${target}`,
      facts: [
        { kind: "table", caption: BEFORE, columns: ["host", "WWID"], rows: before },
        ...problems.map((problem): Part => ({ kind: "text", text: `Left out: ${problem}`, tone: "warning" })),
      ],
      irreversible: [],
      stages: [{ kind: "hosts", title: "Scan", steps: reached }],
      typedConfirmation: null,
      locks: hosts.map((host) => `scan of ${host.name}`),
      afterwards: [],
    } satisfies Plan;
  },
  async result({ hostOrCluster: target }, facts, plan) {
    const views = await lookAtHosts(hostsMeant(facts.inventory, target), facts);
    const luns = lunsOf(views);
    const before = beforeOf(plan);
    const isNew = (host: Host, wwid: string) => !before.has(`${host.name} ${wwid}`);
    const appeared = luns.filter((lun) => lun.on.some((on) => isNew(on.host, lun.wwid)));
    const problems = problemsPart(views);
    return [
      { kind: "text", text: appeared.length === 0 ? "No new LUN appeared." : `${appeared.length} LUN(s) appeared.` },
      ...(appeared.length === 0 ? [] : [lunTable(appeared, views, facts.inventory)]),
      ...(problems === null ? [] : [problems]),
    ];
  },
});

const BEFORE = "Seen before";

const stepsFor = (host: Host, scsiHosts: readonly string[]): Step[] =>
  scsiHosts.length === 0
    ? []
    : [
        { host, command: rescanScsiHosts([...scsiHosts]), why: `scans ${scsiHosts.length} SCSI hosts` },
        { host, command: settleDevices, why: "waits until udev has named what appeared" },
      ];

function beforeOf(plan: Plan): Set<string> {
  const table = plan.facts.find((part) => part.kind === "table" && part.caption === BEFORE);
  return new Set(table?.kind === "table" ? table.rows.map(([host, wwid]) => `${host} ${wwid}`) : []);
}
