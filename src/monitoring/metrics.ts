import { setImmediate as nextTurn } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Incident } from "../core/incident.ts";
import type { Host } from "../core/inventory.ts";
import type { OperationState } from "../core/operation.ts";
import { mapsByHealth } from "../watch/map-health.ts";
import { isAcknowledged } from "../watch/on-call.ts";
import { type HostSample, isSilent } from "../watch/sample.ts";
import type { HostWatch } from "../watch/watcher.ts";
import type { Measured, Watched } from "./measured.ts";
import { notReady } from "./readiness.ts";

const endStates = ["done", "failed", "refused", "stopped", "unknown", "cancelled", "expired"] as const;
type EndState = (typeof endStates)[number];
const openStates = ["planned", "confirmed", "running"] as const;
const severities = ["critical", "warning", "info"] as const;
/** Of an incident that people read of and that is not over. */
const incidentStates = ["open", "quiet"] as const;

export const isEnd = (state: OperationState): state is EndState => (endStates as readonly string[]).includes(state);

/** prom-client's own with a name that Prometheus' conventions keep for counters. They are gauges. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_resources_total", "nodejs_active_requests_total"];

const PREFIX = "zstack_chatops_";

/** What grows while the bot runs, and the process itself: CPU, memory, the delay of the event loop. */
export class Counters {
  readonly #registry = new Registry();
  readonly #operations = new Counter({
    name: `${PREFIX}operations_total`,
    help: "Operations that ended since the bot started, by outcome",
    labelNames: ["outcome"],
    registers: [this.#registry],
  });
  readonly #pushes = new Counter({
    name: `${PREFIX}alertmanager_pushes_total`,
    help: "Attempts to send alerts to an Alertmanager, by result",
    labelNames: ["result"],
    registers: [this.#registry],
  });
  readonly #received = new Counter({
    name: `${PREFIX}alerts_received_total`,
    help: "Alerts that others sent to POST /alerts, by what became of them",
    labelNames: ["result"],
    registers: [this.#registry],
  });

  constructor(version: string) {
    new Gauge({
      name: `${PREFIX}build_info`,
      help: "1, with the version of the bot",
      labelNames: ["version"],
      registers: [this.#registry],
    }).set({ version }, 1);
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    // A counter that begins at 0 shows its first increase.
    for (const outcome of endStates) this.#operations.inc({ outcome }, 0);
    for (const result of ["done", "failed"]) this.#pushes.inc({ result }, 0);
    for (const result of ["joined", "waiting", "not_joined"]) this.#received.inc({ result }, 0);
  }

  operationEnded(outcome: EndState): void {
    this.#operations.inc({ outcome });
  }
  pushed(result: "done" | "failed"): void {
    this.#pushes.inc({ result });
  }
  received({ joined, waiting }: { readonly joined: number; readonly waiting: number }, all: number): void {
    this.#received.inc({ result: "joined" }, joined);
    this.#received.inc({ result: "waiting" }, waiting);
    this.#received.inc({ result: "not_joined" }, all - joined - waiting);
  }
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/**
 * What is there now, in the text format of Prometheus. Made again for each scrape: a host that was removed leaves no
 * value behind.
 */
export async function metricsText(measured: Measured): Promise<string> {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, ...labelNames: readonly L[]): Gauge<L> =>
    new Gauge({ name: `${PREFIX}${name}`, help, labelNames: [...labelNames], registers: [registry] });

  gauge("ready", "1: connected to Slack, audit log writable, every host observed lately or known to be down").set(
    notReady(measured).length === 0 ? 1 : 0,
  );
  gauge("audit_log_writable", "1: an audit entry can be written").set(measured.logProblem === null ? 1 : 0);
  const open = gauge("slack_connected", "1: this connection to Slack is open", "connection");
  const hello = gauge("slack_hello_timestamp_seconds", "When Slack last said hello on this connection", "connection");
  for (const [index, { helloAtMs, isOpen }] of measured.slack.entries()) {
    const connection = String(index + 1);
    open.set({ connection }, isOpen ? 1 : 0);
    if (helloAtMs !== null) hello.set({ connection }, helloAtMs / 1000);
  }
  const operations = gauge("operations", "Operations that have not ended, by state", "state");
  for (const state of openStates)
    operations.set({ state }, measured.operations.filter((each) => each.state === state).length);
  gauge("operation_ends_not_notified", "Ended operations of which the channel does not know yet").set(
    measured.operations.filter(({ state, notified }) => isEnd(state) && !notified).length,
  );
  if (measured.forwards.length > 0) {
    const waiting = gauge("audit_entries_not_forwarded", "Audit entries that a receiver does not have", "receiver");
    for (const { setting, waiting: count } of measured.forwards) waiting.set({ receiver: setting }, count);
  }
  if (measured.watch !== null) await addWatch(gauge, measured, measured.watch);
  return textOf(registry);
}

/** Hosts in one turn of the event loop: a scrape of a thousand hosts must not delay the ack of a command. */
const HOSTS_A_TURN = 25;

/** As `Registry.metrics` does, but one metric in a turn. */
async function textOf(registry: Registry): Promise<string> {
  const texts: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    texts.push(await registry.getSingleMetricAsString(name));
    await nextTurn();
  }
  return `${texts.join("\n\n")}\n`;
}

type NewGauge = <L extends string>(name: string, help: string, ...labelNames: readonly L[]) => Gauge<L>;

async function addWatch(gauge: NewGauge, { inventory, nowMs }: Measured, watch: Watched): Promise<void> {
  const incidents = gauge("incidents", "Incidents that are not over; quiet: nothing is found now", "severity", "state");
  for (const severity of severities)
    for (const state of incidentStates) incidents.set({ severity, state }, countIn(watch.incidents, severity, state));
  gauge("incidents_not_acknowledged", "Open incidents that nobody acknowledged").set(
    watch.incidents.filter((incident) => incident.state === "open" && !isAcknowledged(incident)).length,
  );
  const clusterOf = new Map(inventory.clusters.map(({ uuid, name }) => [uuid, name]));
  const storageOf = new Map(inventory.primaryStorages.map(({ uuid, name }) => [uuid, name]));
  const addHost = hostGauges(gauge, storageOf, nowMs);
  const watched = new Map(watch.hosts.map((each) => [each.hostUuid, each]));
  for (const [index, host] of inventory.hosts.entries()) {
    if (index % HOSTS_A_TURN === HOSTS_A_TURN - 1) await nextTurn();
    const cluster = clusterOf.get(host.clusterUuid) ?? host.clusterUuid;
    const each = watched.get(host.uuid);
    if (each !== undefined) addHost(host, cluster, each);
  }
  const size = gauge("storage_size_bytes", "Size of a storage's volume group", "storage");
  const free = gauge("storage_free_bytes", "Free space in a storage's volume group", "storage");
  const age = gauge("storage_observation_age_seconds", "How long ago LVM was asked for a storage's space", "storage");
  for (const { storageUuid, sizeBytes, freeBytes, observedAt } of watch.uses) {
    const storage = storageOf.get(storageUuid);
    if (storage === undefined) continue;
    size.set({ storage }, sizeBytes);
    free.set({ storage }, freeBytes);
    age.set({ storage }, Math.max(0, (nowMs - Date.parse(observedAt)) / 1000));
  }
}

const countIn = (incidents: readonly Incident[], severity: Incident["severity"], state: Incident["state"]): number =>
  incidents.filter((each) => each.severity === severity && each.state === state).length;

function hostGauges(gauge: NewGauge, storageOf: ReadonlyMap<string, string>, nowMs: number) {
  const age = gauge(
    "observation_age_seconds",
    "How long ago a host was observed, also without an answer",
    "cluster",
    "host",
  );
  const answers = gauge("host_answers", "1: the host answered its last observation", "cluster", "host");
  const events = gauge("host_events", "1: the host reports kernel events; 0: it is only polled", "cluster", "host");
  const paths = gauge("paths", "Paths by the state that multipathd reports", "cluster", "host", "state");
  const maps = gauge("maps", "Maps; degraded: a path failed or is gone, lost: all", "cluster", "host", "health");
  const lease = gauge(
    "lease_age_seconds",
    "How old a lease was when its host was observed",
    "cluster",
    "host",
    "storage",
  );
  const locks = gauge("locks_held", "1: the host can lock volumes of the storage", "cluster", "host", "storage");
  const addSample = (labels: { cluster: string; host: string }, sample: HostSample, { known }: HostWatch): void => {
    if (sample.paths !== null) {
      // A thousand hosts have 400,000 paths, in few states.
      const counts = new Map<string, number>();
      for (const { state } of sample.paths) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) paths.inc({ ...labels, state: stateLabel(state) }, count);
      for (const [health, count] of Object.entries(mapsByHealth(sample.paths, known)))
        maps.set({ ...labels, health }, count);
    }
    for (const { storageUuid, leaseAgeS, lock } of sample.storages) {
      const storage = storageOf.get(storageUuid);
      if (storage === undefined) continue;
      if (leaseAgeS !== null) lease.set({ ...labels, storage }, leaseAgeS);
      if (lock !== null) locks.set({ ...labels, storage }, lock === "held" ? 1 : 0);
    }
  };
  return ({ name: host }: Host, cluster: string, watched: HostWatch): void => {
    const { observed, trouble } = watched;
    const labels = { cluster, host };
    if (trouble !== undefined) events.set(labels, trouble === null ? 1 : 0);
    if (observed === null) return;
    age.set(labels, Math.max(0, (nowMs - observed.atMs) / 1000));
    answers.set(labels, isSilent(observed) ? 0 : 1);
    if (!isSilent(observed)) addSample(labels, observed, watched);
  };
}

const dmStates = ["active", "failed", "undef"];
const checkerStates = [
  ...["ready", "ghost", "faulty", "shaky", "delayed", "down", "undef", "wild", "unchecked", "disconnected"],
  ...["i/o pending", "i/o timeout"],
];

/** What a host prints must not make series without limit. */
function stateLabel(state: string): string {
  const at = state.indexOf(" ");
  return dmStates.includes(state.slice(0, at)) && checkerStates.includes(state.slice(at + 1)) ? state : "other";
}
