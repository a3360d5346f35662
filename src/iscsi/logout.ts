import { check } from "../core/check.ts";
import type { Facts } from "../core/facts.ts";
import { chosenHosts } from "../core/find.ts";
import type { Inventory } from "../core/inventory.ts";
import { type Plan, plan, type Stage } from "../core/plan.ts";
import { type Reason, reason, refuse } from "../core/refusal.ts";
import type { Part } from "../core/reply.ts";
import { few, sharedFacts } from "../core/shared-facts.ts";
import type { Step } from "../core/step.ts";
import { deleteNodeRecord, type NodeRecord, type Portal, portalText, samePortal } from "../host/iscsi-node.ts";
import { type IscsiSession, listIscsiSessions, logOut } from "../host/iscsi-session.ts";
import { flushMap } from "../host/multipath.ts";
import { settleDevices } from "../host/udev.ts";
import { clusterLocks } from "../storage/locks.ts";
import { unreadHost } from "../storage/observe/not-understood.ts";
import { stillUnusedGuard, usedThrough, withUsersThrough } from "./in-use.ts";
import { type IscsiObservation, isAt, observeTarget } from "./observe.ts";
import { disksOf, type Reached, reachedThrough } from "./reached.ts";

interface LogoutRequest {
  readonly hostOrCluster: string;
  readonly target: string;
  readonly portal?: readonly Portal[] | undefined;
}

export async function planLogout({ hostOrCluster: place, target, portal }: LogoutRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const portals = portal ?? null;
  const hosts = chosenHosts(inventory, place);
  const observations = await observeTarget(target, hosts, facts);
  const meant = isMeant({ target, portals });
  const unread = observations.flatMap(({ host, problems, view }) =>
    [...problems, ...view.problems].map((problem) => unreadHost(host, problem)),
  );
  const used = await Promise.all(
    observations.map(async ({ sessions, view }) => {
      const ended = sessions.filter(meant);
      return usedThrough(ended, await withUsersThrough(ended, view, facts.gather), inventory);
    }),
  );
  const inUse = used.flat();
  const unnamed = observations.flatMap((observation) => unnamedSessions(observation, meant));
  refuse(`${place} can't be logged out of ${target}`, [...unread, ...inUse, ...unnamed], {
    next: [`iscsi list ${place}`, "sharedblock list"],
  });
  return logoutPlan({ place, target, portals, observations, inventory });
}

interface Logout {
  readonly place: string;
  readonly target: string;
  /** Null: all portals that the hosts have. */
  readonly portals: readonly Portal[] | null;
  readonly observations: readonly IscsiObservation[];
  readonly inventory: Inventory;
}

/** Whether a session is one of those to end. */
const isMeant =
  ({ target, portals }: Pick<Logout, "target" | "portals">) =>
  (session: IscsiSession): boolean =>
    session.target === target && (portals === null || portals.some((portal) => isAt(session, portal)));

/** A session is ended by the portal of its record. iscsiadm does not print this portal for every redirected session. */
const unnamedSessions = ({ host, sessions }: IscsiObservation, meant: (session: IscsiSession) => boolean): Reason[] =>
  sessions
    .filter((session) => meant(session) && session.loggedInAt === null)
    .map(({ sid, portal }) =>
      reason(
        "ISCSI_CONFLICT",
        `${host.name} has session ${sid} at ${portalText(portal)}, but iscsiadm does not report its login portal`,
        `run iscsiadm --mode=session --sid=${sid} --logout on ${host.name}`,
      ),
    );

function logoutPlan(logout: Logout): Plan {
  const { place, target, observations, inventory } = logout;
  const hosts = observations.map(({ host }) => host);
  return plan({
    title: `Log ${place} out of ${target}`,
    verb: "Log Out",
    undo: { command: `iscsi login ${place} portal=PORTAL target=${target}` },
    facts: factsOf(logout),
    stages: stagesOf(logout),
    locks: [...clusterLocks(hosts, inventory), ...hosts.flatMap(({ name }) => [`iscsi of ${name}`, `scan of ${name}`])],
  });
}

const chosenSessions = (observation: IscsiObservation, logout: Logout): IscsiSession[] =>
  observation.sessions.filter(isMeant(logout));

const chosenRecords = ({ records }: IscsiObservation, { portals }: Logout): NodeRecord[] =>
  records.filter(({ portal }) => portals === null || portals.some((each) => samePortal(each, portal)));

function factsOf(logout: Logout): Part[] {
  const all = logout.observations.flatMap((observation) =>
    rowsOf(observation, logout).map((cells) => ({ host: observation.host.name, cells })),
  );
  const rows = sharedFacts(
    all,
    ({ host }) => host,
    ({ cells }) => JSON.stringify(cells),
  ).map(({ names, items: [{ cells }] }) => [few(names), ...cells]);
  if (rows.length === 0) {
    return [{ kind: "text", text: "None of the hosts has a session or a record there: there is nothing left to do." }];
  }
  return [
    { kind: "table", columns: ["hosts", "what is done", "session", "portal", "LUNs"], rows },
    {
      kind: "text",
      text: "The node records are deleted, with a CHAP secret in them. The hosts don't log in at boot.",
    },
  ];
}

function rowsOf(observation: IscsiObservation, logout: Logout): string[][] {
  const sessions = chosenSessions(observation, logout);
  const records = chosenRecords(observation, logout);
  const alone = records.filter(({ portal }) => !sessions.some((session) => isAt(session, portal)));
  return [
    ...sessions.map((session) => {
      const luns = reachedThrough([session], observation.view).map(({ wwid }) => wwid);
      const hasRecord = records.some(({ portal }) => isAt(session, portal));
      const done = `log out${hasRecord ? ", delete the record" : ""}`;
      return [done, "yes", portalText(session.loggedInAt ?? session.portal), luns.join(", ") || "none"];
    }),
    ...alone.map(({ portal }) => ["delete the record", "none", portalText(portal), "none"]),
  ];
}

function stagesOf(logout: Logout): Stage[] {
  const { observations } = logout;
  const stages: Extract<Stage, { kind: "hosts" }>[] = [
    {
      kind: "hosts",
      title: "Flush the maps",
      steps: observations.flatMap((observation) => flushSteps(observation, logout)),
    },
    { kind: "hosts", title: "Log out", steps: observations.flatMap((observation) => logoutSteps(observation, logout)) },
    {
      kind: "hosts",
      title: "Delete the node records",
      steps: observations.flatMap((observation) => recordSteps(observation, logout)),
    },
    {
      kind: "hosts",
      title: "No session is left",
      steps: observations.map((observation) => checkStep(observation, logout)),
    },
  ];
  return stages.filter(({ steps }) => steps.length > 0);
}

/**
 * A map that loses all its paths would wait for them, and each process that reads it would wait too. So the map is
 * removed first.
 */
function flushSteps(observation: IscsiObservation, logout: Logout): Step[] {
  const sessions = chosenSessions(observation, logout);
  const ending = disksOf(sessions, observation.view);
  const losesAll = ({ on }: Reached) => [...on.pathSizes.keys()].every((path) => ending.has(path));
  return reachedThrough(sessions, observation.view)
    .filter(losesAll)
    .flatMap(({ wwid, on }): Step[] =>
      on.map === null
        ? []
        : [
            {
              host: observation.host,
              command: flushMap(on.map.alias ?? wwid),
              guard: stillUnusedGuard(observation, isMeant(logout), logout.inventory),
              why: `all paths of ${wwid} go`,
            },
          ],
    );
}

function logoutSteps(observation: IscsiObservation, logout: Logout): Step[] {
  const { host } = observation;
  const sessions = chosenSessions(observation, logout);
  if (sessions.length === 0) return [];
  const guard = stillUnusedGuard(observation, isMeant(logout), logout.inventory);
  const steps = sessions.flatMap(({ target, loggedInAt }): Step[] => {
    if (loggedInAt === null) return [];
    const why = `ends the session over ${portalText(loggedInAt)}`;
    return [{ host, command: logOut(target, loggedInAt), guard, why }];
  });
  return [...steps, { host, command: settleDevices, why: "waits until udev has removed its disks" }];
}

function recordSteps(observation: IscsiObservation, logout: Logout): Step[] {
  const portals = new Map(chosenRecords(observation, logout).map(({ portal }) => [portalText(portal), portal]));
  return [...portals].map(([text, portal]) => ({
    host: observation.host,
    command: deleteNodeRecord(logout.target, portal),
    why: `no login at ${text} at boot`,
  }));
}

/** The kernel removes the disks after iscsiadm has ended. */
const LEAVING_MS = 10_000;

const checkStep = ({ host }: IscsiObservation, logout: Logout): Step => ({
  host,
  check: check(
    listIscsiSessions,
    (sessions) => {
      const left = sessions.filter(isMeant(logout));
      return left.length === 0
        ? null
        : `still is logged in at ${left.map(({ portal }) => portalText(portal)).join(", ")}`;
    },
    [logout.target],
  ),
  withinMs: LEAVING_MS,
  why: "proves that it is logged out",
});
