import { type Config, configError } from "./config.ts";
import { AlertJoin } from "./flow/alert-join.ts";
import type { WatchDesk } from "./flow/watch-desk.ts";
import type { Measured } from "./monitoring/measured.ts";
import type { Counters } from "./monitoring/metrics.ts";
import { type Monitoring, openMonitoring } from "./monitoring/monitoring.ts";
import type { openSlack } from "./slack/app.ts";
import { auditCheck } from "./store/audit-check.ts";
import type { WatchStore } from "./store/watch-store.ts";
import { isSilent } from "./watch/sample.ts";
import type { HostWatch } from "./watch/watcher.ts";
import type { OpenWorld } from "./world.ts";

/** Says when what the watch keeps has changed. */
export function reporting(store: WatchStore, changed: () => void): WatchStore {
  return {
    ...store,
    async update(change) {
      const result = await store.update(change);
      changed();
      return result;
    },
  };
}

function* wwidsIn(hosts: readonly HostWatch[]): Generator<string> {
  for (const { observed } of hosts)
    if (observed !== null && !isSilent(observed)) for (const { wwid } of observed.paths ?? []) yield wwid;
}

/** Connects monitoring with the parts that it asks. null: it is not set. */
export async function monitoringOf(
  { monitoring: setting, watch: watching, dataDirectory }: Config,
  world: OpenWorld,
  slack: Pick<Awaited<ReturnType<typeof openSlack>>, "connectionStates">,
  watch: WatchDesk | null,
  counters: Counters,
  forwards: () => Measured["forwards"],
): Promise<Monitoring | null> {
  if (setting === undefined) return null;
  const { inventory, operations, buttonKey: key, log } = world;
  const join =
    watch &&
    new AlertJoin({
      desk: watch,
      inventory: () => inventory.current(),
      wwids: () => wwidsIn(watch.watches()),
      nowMs: () => world.clock.now().getTime(),
      failed: (doing, error) => log.error(doing, error),
    });
  const everyMs = watching?.settings.everyMs ?? 0;
  const sources = {
    inventory: () => inventory.current(),
    ...{ operations, key, log },
    slack: () => slack.connectionStates(),
    forwards,
    watch: () => watch && { hosts: watch.watches(), uses: watch.uses(), incidents: watch.incidents(), everyMs },
    logProblem: auditCheck(dataDirectory, () => world.audit.inode),
    join: join && ((alerts: Parameters<AlertJoin["take"]>[0]) => join.take(alerts)),
  };
  try {
    const monitoring = await openMonitoring(setting, sources, counters);
    const changed = () => {
      monitoring.changed();
      join?.changed();
    };
    return { ...monitoring, changed };
  } catch (error) {
    if (setting.listen === null || !(error instanceof Error && "code" in error)) throw error;
    const { host, port } = setting.listen;
    throw configError(
      `METRICS_PORT ${port} can't be used at ${host}: ${error.message}`,
      "set METRICS_PORT to another port, or METRICS_HOST to an address of this computer",
    );
  }
}
