import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf } from "../../core/find.ts";
import type { Cluster, Host, Inventory } from "../../core/inventory.ts";
import { oneLinePerFact } from "../../core/one-line-per-fact.ts";
import { type Plan, plan, type Stage } from "../../core/plan.ts";
import { Refusal, reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import type { MultipathMap } from "../../core/storage.ts";
import { flushMap, listMultipathMaps } from "../../host/multipath.ts";
import { forgetDisks, listKernelDisks } from "../../host/scsi.ts";
import { settleDevices } from "../../host/udev.ts";
import { lunsText } from "../arguments.ts";
import { resolveLun } from "../checks/resolve.ts";
import {
  forgetGuard,
  lunInUseReasons,
  observeKernel,
  offerReasons,
  type StalePath,
  stalePathsOf,
} from "../checks/stale-lun.ts";
import { clusterLock } from "../locks.ts";
import { type Lun, type LunOnHost, lunsOf, nameOfMap } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";
import { askSizes } from "../observe/offered-size.ts";
import { withUses } from "../observe/use.ts";
import { ownerOf } from "../owner.ts";

interface ForgetRequest {
  readonly cluster: string;
  readonly wwid: string;
}

export async function planForget({ cluster: name, wwid }: ForgetRequest, facts: Facts): Promise<Plan> {
  const cluster = clusterNamed(facts.inventory, name);
  const headline = `${lunsText([wwid])} can't be removed from the hosts of ${name}`;
  const hosts = someHostsOf(facts.inventory, cluster, headline);
  const views = await Promise.all(hosts.map((host) => observeKernel(host, facts)));
  // A host that can't be read keeps its dead paths. The other hosts can still remove theirs.
  const able = views.filter((view) => view.problems.length === 0);
  if (able.length === 0) refuse(headline, unreadHosts(views, []), { next: [`cluster show ${name}`] });
  const named = resolveLun(wwid, lunsOf(able), views, name);
  const read = await withUses(able, [named.wwid], facts.gather);
  const lun = lunsOf(read).find((each) => each.wwid === named.wwid) ?? named;
  refuseOwned(headline, lun, cluster, facts.inventory);

  const asked = await Promise.all(lun.on.map((on) => answersOn(on, facts)));
  const reasons = lun.on.flatMap((on) => lunInUseReasons(lun.wwid, on));
  refuse(
    headline,
    [
      ...reasons,
      ...asked.flatMap(({ host, byDisk, problems }) => [...problems, ...offerReasons(lun.wwid, host, byDisk)]),
    ],
    { next: [`lun show ${name} ${lun.wwid}`] },
  );
  const on = lun.on.flatMap((each): ForgottenOn[] => {
    const view = read.find(({ host }) => host === each.host);
    return view === undefined ? [] : [{ host: each.host, map: each.map, paths: stalePathsOf(each, view) }];
  });
  const leftOut = views.flatMap((view) =>
    unreadHosts([view], [lun.wwid]).map(({ text }) => ({ host: view.host, why: text })),
  );
  return forgettingPlan({ cluster, wwid: lun.wwid, on, leftOut });
}

/** What one host still has of the LUN. */
interface ForgottenOn {
  readonly host: Host;
  readonly map: MultipathMap | null;
  readonly paths: readonly StalePath[];
}
interface Forgetting {
  readonly cluster: Cluster;
  readonly wwid: string;
  readonly on: readonly ForgottenOn[];
  /** Hosts that could not be read, once for each reason. */
  readonly leftOut: readonly { readonly host: Host; readonly why: string }[];
}

/** One host after another. If something fails on the first, nothing runs on the others. */
function forgettingPlan({ cluster, wwid, on, leftOut }: Forgetting): Plan {
  const rows = sharedFacts(
    on,
    ({ host }) => host.name,
    ({ map, paths }) =>
      JSON.stringify([map === null ? "none" : nameOfMap(map), paths.map(({ disk }) => disk).join(", ") || "none"]),
  ).map(({ hosts, items: [{ map, paths }] }) => [
    ...[hosts, map === null ? "none" : nameOfMap(map)],
    paths.map(({ disk }) => disk).join(", ") || "none",
  ]);
  const facts: Part[] = [
    { kind: "table", caption: `Left of ${wwid}`, columns: ["hosts", "map", "dead paths"], rows },
    {
      kind: "text",
      text: "No path answers and nothing uses it. If the array offers it again, a rescan brings it back.",
    },
    ...oneLinePerFact<never>(leftOut.map(({ why }) => why)).map(
      (why): Part => ({ kind: "text", text: `Left out: ${why}`, tone: "warning" }),
    ),
  ];
  return plan({
    title: `Forget ${wwid} on the hosts of ${cluster.name}`,
    verb: "Forget LUN",
    undo: { command: `host rescan ${cluster.name}` },
    facts,
    stages: on.map((each) => forgetStage(wwid, each)),
    leftOut: [...new Set(leftOut.map(({ host }) => host))],
    locks: [clusterLock(cluster), wwid, ...on.map(({ host }) => `scan of ${host.name}`)],
  });
}

/**
 * The map is removed first. If a disk below a map is removed, an empty map remains, and a process that reads it may
 * hang.
 */
function forgetStage(wwid: string, { host, map, paths }: ForgottenOn): Stage {
  const steps: Step[] = [];
  if (map !== null) {
    const name = map.alias ?? wwid;
    steps.push({
      host,
      command: flushMap(name),
      guard: forgetGuard(wwid, host, paths, name),
      why: "removes the map; multipath refuses this if the map is in use",
    });
  }
  if (paths.length > 0) {
    steps.push({
      host,
      command: forgetDisks(paths.map(({ disk }) => disk)),
      guard: forgetGuard(wwid, host, paths, null),
      why: "the kernel forgets the dead paths",
    });
  }
  return {
    kind: "hosts",
    title: "Forget the LUN",
    steps: [
      ...steps,
      { host, command: settleDevices, why: "waits until udev has removed its links" },
      { host, check: hasNoMap(wwid), withinMs: 10_000, why: "proves that no map is left" },
      { host, check: hasNoDisk(paths), withinMs: 10_000, why: "proves that no path is left" },
    ],
  };
}

const hasNoMap = (wwid: string) =>
  check(
    listMultipathMaps,
    (maps) => {
      const map = maps.find((each) => each.wwid === wwid);
      return map === undefined ? null : `still has the map ${map.alias === null ? "" : `${map.alias} `}of ${wwid}`;
    },
    [wwid],
  );

const hasNoDisk = (paths: readonly StalePath[]) =>
  check(listKernelDisks, (disks) => {
    const left = paths.filter((path) => disks.some(({ disk, hctl }) => disk === path.disk && hctl === path.hctl));
    return left.length === 0 ? null : `still has ${left.map(({ disk }) => disk).join(", ")}`;
  });

/** An empty map has no path to ask. */
const answersOn = async (on: LunOnHost, facts: Facts) =>
  on.pathSizes.size === 0
    ? { host: on.host, byDisk: new Map<string, never>(), problems: [] }
    : askSizes(on.host, [...on.pathSizes.keys()], facts);

/** Hosts need the LUNs only if the storage is attached to their cluster. */
function refuseOwned(headline: string, { wwid }: Lun, cluster: Cluster, inventory: Inventory): void {
  const owner = ownerOf(wwid, inventory);
  if (owner === null || !owner.storage.clusterUuids.includes(cluster.uuid)) return;
  const { name } = owner.storage;
  if (owner.block.addedAt === null) {
    const fix = { when: "to cancel that command", run: `lun rescue ${wwid}` };
    const why = reason("LUN_OWNED", `${wwid} is reserved for ${name} by an unfinished command`, fix);
    throw new Refusal(headline, why, { next: [`sharedblock show ${name}`] });
  }
  const fix = { when: "if a host lost it", run: `sharedblock reconnect ${name}` };
  throw new Refusal(headline, reason("LUN_OWNED", `${wwid} belongs to ${name}`, fix), {
    next: [`sharedblock show ${name}`],
  });
}
