import { check } from "../core/check.ts";
import type { Facts } from "../core/facts.ts";
import { chosenHosts, clusterOf, hostsOf } from "../core/find.ts";
import { named } from "../core/host-text.ts";
import { type Plan, plan, type Stage } from "../core/plan.ts";
import { type Reason, reason, refuse } from "../core/refusal.ts";
import type { Part } from "../core/reply.ts";
import { few, sharedFacts } from "../core/shared-facts.ts";
import type { Step } from "../core/step.ts";
import {
  addNodeRecord,
  logInAtBoot,
  type NodeRecord,
  nodeFile,
  type Portal,
  portalText,
  samePortal,
  writeChap,
} from "../host/iscsi-node.ts";
import { type IscsiSession, isLoggedIn, listIscsiSessions, logIn, rescanTarget } from "../host/iscsi-session.ts";
import { enableUnits, readUnits, startAtBoot } from "../host/systemd.ts";
import { settleDevices } from "../host/udev.ts";
import { whichTarget } from "./discovery.ts";
import { initiatorParts } from "./initiators.ts";
import { bootUnitOf, DAEMON, type IscsiObservation, initiatorsOf, isAt, observeTarget } from "./observe.ts";
import { reachedParts, seenBy } from "./reached.ts";

interface LoginRequest {
  readonly hostOrCluster: string;
  readonly portal: readonly Portal[];
  readonly target?: string | undefined;
  readonly "chap-user"?: string | undefined;
}

export async function planLogin(
  { hostOrCluster: place, portal: portals, target, "chap-user": chapUser }: LoginRequest,
  facts: Facts,
): Promise<Plan> {
  const hosts = chosenHosts(facts.inventory, place);
  if (target === undefined) throw await whichTarget(place, portals, hosts, facts);
  const others = hostsOf(facts.inventory, clusterOf(facts.inventory, hosts)).filter((host) => !hosts.includes(host));
  const [observations, siblings] = await Promise.all([
    observeTarget(target, hosts, facts),
    initiatorsOf(others, facts),
  ]);
  const install = observations.every(isInstalled) ? [] : [{ run: `host prepare ${place} install=true` }];
  refuse(
    `${place} can't be logged in to ${target}`,
    [...observations.flatMap(unready), ...sharedNames([...observations, ...siblings])],
    { fixes: install, next: [`iscsi list ${place}`] },
  );
  return loginPlan({ place, target, portals, chapUser: chapUser ?? null, observations });
}

/** A target, the portals at which every host must be logged in, and the observed hosts. */
interface Login {
  readonly place: string;
  readonly target: string;
  readonly portals: readonly Portal[];
  /** Null: the authentication in the records does not change. */
  readonly chapUser: string | null;
  readonly observations: readonly IscsiObservation[];
}

/** One host at one portal: what exists and what is missing. */
interface Access {
  readonly observation: IscsiObservation;
  readonly portal: Portal;
  readonly session: IscsiSession | null;
  readonly records: readonly NodeRecord[];
  readonly startsAtBoot: boolean;
}

/** The name of the secret in the steps. */
const CHAP = "chap";

function loginPlan(login: Login): Plan {
  const { place, target, observations, chapUser } = login;
  const accesses = accessesOf(login);
  const hosts = observations.map(({ host }) => host);
  const before = seenBy(observations);
  return plan({
    title: `Log ${place} in to ${target}`,
    verb: "Log In",
    undo: { command: `iscsi logout ${place} target=${target}` },
    facts: factsOf(login, accesses),
    stages: stagesOf(login, accesses),
    secrets: chapUser === null ? [] : [{ name: CHAP, label: `CHAP secret of ${chapUser}` }],
    locks: hosts.flatMap(({ name }) => [`iscsi of ${name}`, `scan of ${name}`]),
    result: async (later) => reachedParts(target, await observeTarget(target, hosts, later), before, later.inventory),
  });
}

function accessesOf({ target, portals, observations }: Login): Access[] {
  return observations.flatMap((observation) =>
    portals.map((portal) => {
      const session = observation.sessions.find((each) => each.target === target && isAt(each, portal)) ?? null;
      const records = observation.records.filter((record) => samePortal(record.portal, portal));
      return {
        observation,
        portal,
        session,
        records,
        startsAtBoot: records.length > 0 && records.every(({ startup }) => startup === "automatic"),
      };
    }),
  );
}

function factsOf({ observations, chapUser }: Login, accesses: readonly Access[]): Part[] {
  const cells = (access: Access) => [
    ...[doneText(access, chapUser), sessionText(access.session), portalText(access.portal)],
    recordText(access.records),
  ];
  const rows = sharedFacts(
    accesses,
    ({ observation }) => observation.host.name,
    (access) => JSON.stringify(cells(access)),
  ).map(({ names, items: [access] }) => [few(names), ...cells(access)]);
  return [
    { kind: "table", compared: true, columns: ["hosts", "what is done", "session now", "portal", "record now"], rows },
    ...initiatorParts("Names that the array must accept", observations, "none yet; it is made when the daemon starts"),
    ...(chapUser !== null && accesses.some(({ session }) => session !== null) ? [whenUsed] : []),
  ];
}

/**
 * iscsid keeps the secret of a session while the session exists. After a restart it reads the secret from the kernel.
 */
const whenUsed: Part = {
  kind: "text",
  text: "Existing sessions keep the secret of their login. The new secret is used at the next login: after iscsi logout and iscsi login, or when the host starts. If the array takes only the new secret, a session that loses its connection comes back only then.",
  tone: "warning",
};

const sessionText = (session: IscsiSession | null): string =>
  session === null ? "none" : isLoggedIn(session) ? "logged in" : session.connectionState.toLowerCase();

function recordText(records: readonly NodeRecord[]): string {
  const texts = records.map(
    ({ startup, authMethod, userName, hasPassword }) =>
      `${startup}${authMethod === "CHAP" ? `, CHAP as ${userName === null ? "nobody" : named(userName)}${hasPassword ? "" : " without a secret"}` : ""}`,
  );
  return [...new Set(texts)].join("; ") || "none";
}

function doneText({ records, startsAtBoot, session }: Access, chapUser: string | null): string {
  const done = [
    ...(records.length === 0 ? ["new record"] : []),
    ...(startsAtBoot ? [] : ["log in at boot"]),
    ...(chapUser === null ? [] : [`CHAP as ${chapUser}${session === null ? "" : " from the next login on"}`]),
    ...(session === null ? ["log in"] : []),
  ];
  return done.join(", ") || "nothing, all is there";
}

function stagesOf(login: Login, accesses: readonly Access[]): Stage[] {
  const { target, observations, chapUser } = login;
  const stages: Extract<Stage, { kind: "hosts" }>[] = [
    { kind: "hosts", title: "Run the iSCSI daemon", steps: observations.flatMap(daemonSteps) },
    {
      kind: "hosts",
      title: "Write node records",
      steps: accesses.flatMap((each) => recordSteps(each, target, chapUser)),
    },
    {
      kind: "hosts",
      title: "Log in over every portal",
      steps: accesses.flatMap((each) => loginSteps(each, target)),
      waitingFor: "the portals; one that does not answer is tried for two minutes",
    },
    { kind: "hosts", title: "Log in at boot", steps: observations.flatMap(bootSteps) },
    {
      kind: "hosts",
      title: "Scan for LUNs",
      steps: observations.flatMap((observation) => scanSteps(observation, target)),
    },
    {
      kind: "hosts",
      title: "Every host is logged in",
      steps: observations.map((observation) => checkStep(observation, login)),
    },
  ];
  return stages.filter(({ steps }) => steps.length > 0);
}

function daemonSteps({ host, units }: IscsiObservation): Step[] {
  const isOn = units.some((unit) => unit.name === DAEMON && unit.active && unit.enabled);
  return isOn ? [] : [{ host, command: enableUnits([DAEMON]), why: "the daemon runs now and at boot" }];
}

function recordSteps(access: Access, target: string, chapUser: string | null): Step[] {
  const { observation, portal, records, startsAtBoot } = access;
  const { host, folder } = observation;
  const at = portalText(portal);
  // As iscsiadm creates them: without a portal group, over the default interface.
  const made = { target, portal, group: -1, interface: "default" };
  const files = (records.length === 0 ? [made] : records).map((record) => nodeFile(folder, record));
  return [
    ...(records.length === 0 ? [{ host, command: addNodeRecord(target, portal), why: `a record of ${at}` }] : []),
    ...(startsAtBoot ? [] : [{ host, command: logInAtBoot(target, portal), why: "logs in at boot" }]),
    ...(chapUser === null
      ? []
      : files.map((file) => ({ host, command: writeChap(file, chapUser, CHAP), why: `CHAP as ${chapUser} at ${at}` }))),
  ];
}

const loginSteps = ({ observation: { host }, portal, session }: Access, target: string): Step[] =>
  session === null ? [{ host, command: logIn(target, portal), why: `a session over ${portalText(portal)}` }] : [];

function bootSteps(observation: IscsiObservation): Step[] {
  const { host } = observation;
  const unit = bootUnitOf(observation);
  if (unit === null || unit.enabled) return [];
  const proof = check(readUnits([unit.name]), (units) =>
    units.some(({ enabled }) => enabled) ? null : `does not start ${unit.name} at boot`,
  );
  return [
    { host, command: startAtBoot([unit.name]), why: "logs in at boot, as the records say" },
    { host, check: proof, why: "proves that it starts at boot" },
  ];
}

const scanSteps = ({ host }: IscsiObservation, target: string): Step[] => [
  { host, command: rescanTarget(target), why: "finds every LUN that the target offers now" },
  { host, command: settleDevices, why: "waits until udev has named what appeared" },
];

/** A session may still be reconnecting after the portal was lost. */
const RECOVERY_MS = 20_000;

const checkStep = ({ host }: IscsiObservation, { target, portals }: Login): Step => ({
  host,
  check: check(
    listIscsiSessions,
    (all) => {
      const sessions = all.filter((session) => session.target === target && isLoggedIn(session));
      const missing = portals.filter((portal) => !sessions.some((session) => isAt(session, portal)));
      // The target redirected the login, and iscsiadm does not report from which portal. Each login step has already
      // shown its result.
      const sentOn = sessions.filter((session) => session.loggedInAt === null);
      if (missing.length <= sentOn.length) return null;
      const at = missing.map(portalText).join(", ");
      return sentOn.length === 0
        ? `is not logged in at ${at}`
        : `has ${sentOn.length} of ${missing.length} sessions at ${at}; iscsiadm does not report at which`;
    },
    [target],
  ),
  withinMs: RECOVERY_MS,
  why: "proves that every portal has a session",
});

const isInstalled = (observation: IscsiObservation): boolean =>
  observation.units.some((unit) => unit.name === DAEMON && unit.loaded) && bootUnitOf(observation) !== null;

function unready(observation: IscsiObservation): Reason[] {
  const { host, problems } = observation;
  if (problems.length > 0) return problems.map((problem) => reason("HOST_UNREADABLE", `${host.name}: ${problem}`));
  if (isInstalled(observation)) return [];
  const packages = "iscsi-initiator-utils (RHEL family) or open-iscsi (Debian family)";
  return [
    reason("HOST_NOT_READY", `${host.name} has no ${DAEMON} or no service that logs in at boot; package ${packages}`),
  ];
}

/** Copied hosts have the same initiator name. When one logs in, the array ends the session of the other. */
function sharedNames(observations: readonly Pick<IscsiObservation, "host" | "initiator">[]): Reason[] {
  const byName = new Map<string, string[]>();
  for (const { host, initiator } of observations) {
    if (initiator !== null) byName.set(initiator, [...(byName.get(initiator) ?? []), host.name]);
  }
  return [...byName]
    .filter(([, hosts]) => hosts.length > 1)
    .map(([name, hosts]) =>
      reason(
        "ISCSI_CONFLICT",
        `${hosts.join(" and ")} have the same initiator name ${name}`,
        "give each host its own name in /etc/iscsi/initiatorname.iscsi and restart iscsid",
      ),
    );
}
