import { answersIn, notesIn, type ReadCommand } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { reasonOf, valueOr } from "../../core/outcome.ts";
import { runInSlices, type Slices, yieldToOthers } from "../../core/parts.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import {
  asksOfLuns,
  type Gather,
  type LunGuard,
  type LunGuardRead,
  type Objection,
  objectionOn,
} from "../../core/step.ts";
import { udevIsDone } from "../../host/udev.ts";
import { readClaim } from "../../host/wipefs.ts";
import type { AskedHosts } from "../observe/candidate.ts";
import { type HostView, sightProblemsOf, useReads, viewWith } from "../observe/host-view.ts";
import { type Lun, type LunOnHost, lunsOf, makeLuns } from "../observe/lun.ts";
import { notUnderstoodAbout } from "../observe/not-understood.ts";
import { sightProblems } from "../observe/unnamed-disks.ts";
import { userReads, withUse } from "../observe/use.ts";

import { inUseReasons, mapReasons, notUnderstoodOf } from "./checks.ts";
import { oneLunReasons } from "./one-lun.ts";

/** A LUN on which a step writes. */
export interface GuardedLun {
  readonly wwid: string;
  /** As every host saw it for the plan. A host's answer now must be about the same LUN. */
  readonly planned: readonly LunOnHost[];
  /** Hosts that must still see it through a working map: those that share it, or at least the writing host. */
  readonly neededBy: readonly Host[];
}

interface GuardedLuns {
  /** The host that writes. */
  readonly writer: Host;
  readonly luns: readonly GuardedLun[];
  /** Hosts that were asked for the plan. The writing host may be missing. */
  readonly asked: AskedHosts;
  /** Our volume group that may be on them, with its volumes. */
  readonly ours: string | null;
  /** Other reasons against the step on a host, from the same answers. */
  readonly also?: (view: HostView, luns: readonly Lun[]) => readonly Reason[];
}

/**
 * Directly before a step that destroys the data on LUNs, on every host that was asked for the plan: checks whether a
 * LUN is in use, or is two LUNs. Every destructive step has this check, among others.
 */
export function lunGuard(guarded: GuardedLuns): LunGuard {
  const { writer, asked } = guarded;
  const others = asked.asked.filter((host) => host !== writer);
  return [
    guardOn(writer, guarded, false),
    ...others.map((host) => guardOn(host, guarded, false)),
    // These hosts may answer now, and then their answer counts.
    ...asked.unasked.map(({ host }) => guardOn(host, guarded, true)),
  ];
}

/**
 * The disks of a host's VMs are read too. These commands are not listed, because nobody knows in advance which VMs
 * there will be.
 */
function guardOn(host: Host, { luns, ours, also }: GuardedLuns, isConfirmedUninvolved: boolean): LunGuardRead {
  const wwids = luns.map(({ wwid }) => wwid);
  const isNeeded = luns.some(({ neededBy }) => neededBy.includes(host));
  return {
    [asksOfLuns]: wwids,
    host,
    commands: [udevIsDone, ...Object.values(useReads), ...Object.values(userReads)],
    async ask(gather) {
      if (luns.length === 0) return null;
      const gathered = await gather(host, { udevIsDone, ...useReads });
      const { maps, ids, devices } = gathered;
      const notUnderstood = notesIn(gathered);
      const sight = viewWith(host, {
        ...{ maps: valueOr(maps, []), ids: valueOr(ids, []), devices: valueOr(devices, []), notUnderstood },
        sightProblems: sightProblemsOf(gathered),
      });
      await makeLuns(sight);
      await yieldToOthers();
      const meant = new Set(wwids);
      const sees = lunsOf([sight]).some(({ wwid }) => meant.has(wwid));
      await yieldToOthers();
      const unsure = sightProblems(
        sight,
        luns.map(({ wwid, planned }) => ({ wwid, on: planned })),
      );
      // A host that certainly sees none of them can't use them. If a host does not answer, a person has confirmed it.
      if (!isNeeded && !sees && (unsure.length === 0 || isConfirmedUninvolved)) return null;
      if (!isNeeded && !sees) return notAsked(host, unsure[0] ?? "");
      const answers = answersIn(gathered, true);
      if (typeof answers === "string") return notAsked(host, answers);
      const { udevIsDone: _done, ...seen } = answers;
      const view = await withUse(viewWith(host, { ...seen, notUnderstood }), wwids, gather);
      await makeLuns(view);
      await yieldToOthers();
      const doubt = notUnderstoodAbout(view, wwids).map(({ why }) => notUnderstoodOf("the LUN", host, why));
      const now = lunsOf([view]);
      await yieldToOthers();
      const against = await runInSlices(makingReasons(luns, host, now, view, ours));
      return objectionOn(host, [
        ...doubt,
        ...against,
        ...(also?.(view, now) ?? []),
        ...(await claimReasons(host, now, wwids, gather)),
      ]);
    },
  };
}

const notAsked = (host: Host, why: string): Objection | null =>
  objectionOn(host, [reason("HOST_UNREACHABLE", `could not be asked whether the step is safe: ${why}`)]);

/** In slices, because an operation may write on hundreds of LUNs of a host with thousands. */
function* makingReasons(
  luns: readonly GuardedLun[],
  host: Host,
  now: readonly Lun[],
  view: HostView,
  ours: string | null,
): Slices<Reason[]> {
  const byWwid = new Map(now.map((lun) => [lun.wwid, lun]));
  const reasons: Reason[] = [];
  for (const [index, lun] of luns.entries()) {
    reasons.push(...reasonsAgainst(lun, host, byWwid.get(lun.wwid), view, ours));
    if (index % AT_A_TIME === AT_A_TIME - 1) yield;
  }
  return reasons;
}

const AT_A_TIME = 50;

function reasonsAgainst(
  { wwid, planned, neededBy }: GuardedLun,
  host: Host,
  lun: Lun | undefined,
  view: HostView,
  ours: string | null,
): Reason[] {
  if (lun === undefined) {
    return neededBy.includes(host) ? [reason("LUN_NOT_SEEN", `${host.name} no longer sees ${wwid}`)] : [];
  }
  return [
    ...(neededBy.includes(host) ? lun.on.flatMap((on) => mapReasons(lun, on)) : []),
    ...oneLunReasons(wwid, [...lun.on, ...planned.filter((on) => on.host !== host)]),
    ...inUseReasons(lun, [view], ours),
  ];
}

/**
 * The kernel counts no openers for a path without a map. So the bot tries to open the path exclusively. A path without
 * a known user must be free.
 */
async function claimReasons(
  host: Host,
  now: readonly Lun[],
  wwids: readonly string[],
  gather: Gather,
): Promise<Reason[]> {
  const reads: Record<string, ReadCommand<boolean>> = {};
  for (const { wwid, on } of now) {
    for (const { map, kernelName, holders, mountPoints, users } of on) {
      const isUsed = holders.length + mountPoints.length + users.length > 0;
      if (map === null && !isUsed && wwids.includes(wwid)) reads[wwid] = readClaim(`/dev/${kernelName}`);
    }
  }
  if (Object.keys(reads).length === 0) return [];
  const claims = await gather(host, reads);
  return Object.entries(claims).flatMap(([wwid, claim]) => {
    if (claim.kind !== "done") {
      return [reason("LUN_MAY_BE_IN_USE", `${host.name} can't report whether ${wwid} is free: ${reasonOf(claim)}`)];
    }
    const why = `${wwid} is busy on ${host.name} by an exclusive user that no tool names, such as ZFS`;
    return claim.value ? [reason("LUN_IN_USE", why, "zpool status and cat /proc/*/mountinfo can name it; end it")] : [];
  });
}
