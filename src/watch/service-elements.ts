import type { Host, Inventory } from "../core/inventory.ts";
import type { Unit } from "../host/systemd.ts";
import type { Element } from "./cause.ts";
import { type Daemon, unitOf, withoutAnswerOf } from "./daemons.ts";
import { finding, type Scopes } from "./found.ts";
import { type HostSample, storagesOn } from "./sample.ts";

type Services = Pick<HostSample, "units" | "late">;

/** The services of a host by the name of their unit. One that is up and does not answer does not work. */
export function serviceElements(host: Host, services: Services, hasPaths: boolean, inventory: Inventory) {
  const { units, late } = services;
  const serves = storagesOn(host, inventory).length > 0;
  const elements = new Map<string, Element>();
  for (const unit of units ?? []) {
    const element = serves ? unitElement(host, unit) : null;
    if (element !== null) elements.set(unit.name, element);
  }
  for (const daemon of late) {
    const isNeeded = serves || (hasPaths && daemon !== "sanlock" && daemon !== "lvmlockd");
    const unit = unitOf(daemon, units);
    const fails = elements.get(unit)?.findings.some(({ kind }) => kind === "service down") ?? false;
    if (isNeeded && !fails) elements.set(unit, lateElement(host, daemon, unit));
  }
  return elements;
}

/** Keys of the findings about services without which no lease is kept: a lease fails with them. */
export const lockFindingsIn = (services: ReadonlyMap<string, Element>): string[] =>
  [...services].flatMap(([unit, { findings }]) =>
    LOCKS.test(unit) ? findings.flatMap(({ kind, key }) => (kind === "service not enabled" ? [] : key)) : [],
  );

const LOCKS = /^(?:sanlock|(?:lvm2-)?lvmlockd)\.service$/;
/** lvmlockd works only with sanlock: if both fail, that is one thing. */
const scopesOf = (host: Host, unit: string): Scopes => [
  { kind: "host", id: `unit ${host.uuid} ${unit}` },
  ...(LOCKS.test(unit) ? [{ kind: "host", id: `locks ${host.uuid}` } as const] : []),
  { kind: "cluster", id: `unit ${host.clusterUuid} ${unit}` },
];

function lateElement(host: Host, daemon: Daemon, unit: string): Element {
  const text = `${daemon} does not answer on ${host.name}: ${withoutAnswerOf[daemon]}`;
  return {
    findings: [finding(host, "service without answer", `${host.uuid} ${unit}`, text)],
    scopes: scopesOf(host, unit),
  };
}

/** A host needs the lock services if it must serve a storage, and multipathd if it has LUNs. */
function unitElement(host: Host, unit: Unit): Element | null {
  // lvmlockd has one of two names; the other one is not there.
  if (!unit.loaded) return null;
  const scopes = scopesOf(host, unit.name);
  const key = `${host.uuid} ${unit.name}`;
  if (!unit.active) {
    const severity = LOCKS.test(unit.name) ? "critical" : "warning";
    const text = `${unit.name} does not run on ${host.name}`;
    return { findings: [finding(host, "service down", key, text, null, severity)], scopes };
  }
  if (!unit.enabled) {
    const text = `${unit.name} on ${host.name} does not start at boot`;
    return { findings: [finding(host, "service not enabled", key, text)], scopes };
  }
  return { findings: [], scopes };
}
