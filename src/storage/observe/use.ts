import { type Gathered, notesOf } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { valueOr } from "../../core/outcome.ts";
import { yieldToOthers } from "../../core/parts.ts";
import type { Gather } from "../../core/step.ts";
import { pause } from "../../host/clock.ts";
import { listExports, listLoopDevices, listOpenFiles, listProcesses } from "../../host/device-users.ts";
import { listOpenCounts } from "../../host/dmsetup.ts";
import { listRunningVms, listSavedVms, listVms } from "../../host/libvirt.ts";
import { listGenericDevices } from "../../host/scsi.ts";
import { listDeviceLinks } from "../../host/udev.ts";
import { type HostUse, type HostView, problemsOf } from "./host-view.ts";
import { lunsOf, makeLuns } from "./lun.ts";
import { identitiesIn, identityReads } from "./path-identities.ts";
import { vmUses } from "./vm-uses.ts";

export const userReads = {
  links: listDeviceLinks,
  generics: listGenericDevices,
  exports: listExports,
  loops: listLoopDevices,
  processes: listProcesses,
  openFiles: listOpenFiles,
  // The last one, because a libvirt that hangs uses the time of later reads.
  vms: listVms,
  running: listRunningVms,
  saved: listSavedVms,
};

/** The same reads again. A program that only probed has closed the disk by then. */
const openReads = {
  waited: pause(0.5),
  processes: listProcesses,
  openFiles: listOpenFiles,
  openCounts: listOpenCounts,
};
const MOST_REOBSERVATIONS = 2;

/** The views with the users of these LUNs. A host that sees none of them is not asked. */
export const withUses = (views: readonly HostView[], wwids: readonly string[], gather: Gather): Promise<HostView[]> =>
  Promise.all(views.map((view) => withUse(view, wwids, gather)));

/**
 * A few round trips a host at most. Open devices are observed again, because probing programs open disks for a moment.
 */
export async function withUse(view: HostView, wwids: readonly string[], gather: Gather): Promise<HostView> {
  await makeLuns(view);
  const asked = new Set(wwids);
  const sees = lunsOf([view]).some(({ wwid }) => asked.has(wwid));
  if (!sees) return view;
  const pages = identityReads(view, wwids);
  const seen = await gather(view.host, { ...pages, ...userReads });
  await yieldToOthers();
  const { paths, targets, problems } = identitiesIn(view, pages, seen);
  await yieldToOthers();
  const use = await askedOf(view.host, seen, gather);
  let now: HostView = {
    ...view,
    identities: paths,
    use: { ...use, targets, problems: [...new Set([...use.problems, ...problems])] },
  };
  await makeLuns(now);
  for (let observations = 0; observations < MOST_REOBSERVATIONS && isOpen(now, asked); observations += 1) {
    now = await reobserved(now, gather);
    await makeLuns(now);
  }
  return now;
}

const isOpen = (view: HostView, wwids: ReadonlySet<string>): boolean =>
  lunsOf([view])
    .filter(({ wwid }) => wwids.has(wwid))
    .some(({ on }) => on.some(({ unexplainedOpens, openedBy }) => unexplainedOpens > 0 || openedBy.length > 0));

async function reobserved(view: HostView, gather: Gather): Promise<HostView> {
  const seen = await gather(view.host, openReads);
  const { use } = view;
  // What can't be read again completely keeps its first value.
  if (use === null || seen.openFiles.kind !== "done" || seen.openCounts.kind !== "done") return view;
  if ([seen.openFiles, seen.openCounts].some((outcome) => notesOf(outcome).length > 0)) return view;
  return {
    ...view,
    openCounts: seen.openCounts.value,
    use: { ...use, openFiles: seen.openFiles.value, processNames: namesIn(valueOr(seen.processes, [])) },
  };
}

async function askedOf(
  host: Host,
  seen: Gathered<typeof userReads>,
  gather: Gather,
): Promise<Omit<HostUse, "targets">> {
  const { vms, running: runningVms, saved: savedVms, exports, loops, links, generics, openFiles } = userReads;
  // A host without libvirt has no VMs. If libvirt does not answer, the host may have some. Names of processes are best
  // effort.
  const needed: Partial<typeof userReads> = {
    ...{ exports, loops, links, generics, openFiles },
    ...{ vms, running: runningVms, saved: savedVms },
  };
  const problems = problemsOf(needed, noneIfNotInstalled(seen, { vms: [], running: [], saved: [] }));
  const [running, saved] = [seen.running, seen.saved].map(
    (listed) => new Set(valueOr(listed, []).map(({ uuid }) => uuid)),
  );
  const linked = new Map(valueOr(seen.links, []).map(({ path, to }) => [path, to]));
  const known = { vms: valueOr(seen.vms, []), running: running ?? new Set(), saved: saved ?? new Set(), links: linked };
  const ofVms = await vmUses(host, known, gather);
  return {
    openFiles: valueOr(seen.openFiles, []),
    processNames: namesIn(valueOr(seen.processes, [])),
    vms: ofVms.vms,
    exports: valueOr(seen.exports, []),
    loops: valueOr(seen.loops, []),
    generics: new Map(valueOr(seen.generics, []).map(({ name, hctl }) => [name, hctl])),
    links: linked,
    problems: [...new Set([...problems, ...ofVms.problems])],
  };
}

const namesIn = (processes: readonly { readonly pid: number; readonly name: string }[]): Map<number, string> =>
  new Map(processes.map(({ pid, name }) => [pid, name]));
