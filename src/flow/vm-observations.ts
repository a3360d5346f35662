import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Gather } from "../core/step.ts";
import { type VmsAtRisk, vmsAtRisk } from "../watch/vms-at-risk.ts";

/** libvirt is asked for one incident at most so often, in milliseconds. */
const REST_MS = 60_000;

interface Setting {
  readonly inventory: () => Inventory;
  readonly gather: Gather;
  readonly incident: (id: string) => Incident | undefined;
  readonly keep: (id: string, vms: VmsAtRisk) => Promise<unknown>;
  readonly failed: (id: string, error: unknown) => void;
}
/** What an incident was like when its VMs were observed. */
interface Asked {
  readonly extent: ReadonlySet<string>;
  /** null: it may be asked again. */
  rest: NodeJS.Timeout | null;
}

/** Observes the VMs at risk of open incidents: when one is reported, and again if it grows, gets worse or comes back. */
export class VmObservations {
  readonly #setting: Setting;
  readonly #asked = new Map<string, Asked>();
  #isStopped = false;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Called with all incidents. `changed`: ids of those that differ from before. */
  follow(incidents: readonly Incident[], changed: ReadonlySet<string>): void {
    const there = new Set(incidents.flatMap(({ id, state }) => (state === "resolved" ? [] : [id])));
    for (const id of this.#asked.keys()) if (!there.has(id)) this.#forget(id);
    for (const incident of incidents)
      if (changed.has(incident.id) || !this.#asked.has(incident.id)) this.#follow(incident);
  }

  stop(): void {
    this.#isStopped = true;
    for (const id of this.#asked.keys()) this.#forget(id);
  }

  #forget(id: string): void {
    const rest = this.#asked.get(id)?.rest;
    if (rest) clearTimeout(rest);
    this.#asked.delete(id);
  }

  #follow(incident: Incident): void {
    const { id, state, severity, openedAt } = incident;
    if (this.#isStopped || state !== "open" || severity === "info" || openedAt === null) return;
    const asked = this.#asked.get(id);
    if (asked?.rest) return;
    const extent = extentOf(incident);
    if (asked !== undefined && [...extent].every((each) => asked.extent.has(each))) return;
    const { inventory, gather, keep, failed } = this.#setting;
    this.#asked.set(id, { extent, rest: setTimeout(() => this.#rested(id), REST_MS) });
    vmsAtRisk(incident, inventory(), gather)
      .then((vms) => keep(id, vms))
      .catch((error) => failed(id, error));
  }

  #rested(id: string): void {
    const asked = this.#asked.get(id);
    if (asked !== undefined) asked.rest = null;
    const incident = this.#setting.incident(id);
    if (incident !== undefined) this.#follow(incident);
  }
}

/** With more of this, other VMs may be at risk. */
const extentOf = ({ severity, backAt, findings }: Incident): ReadonlySet<string> =>
  new Set([
    severity,
    `back ${backAt.at(-1) ?? "never"}`,
    ...findings.flatMap(({ hostUuid, storageUuid }) => [`host ${hostUuid}`, `storage ${storageUuid}`]),
  ]);
