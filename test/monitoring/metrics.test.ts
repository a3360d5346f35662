import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Measured } from "../../src/monitoring/measured.ts";
import { Counters, metricsText } from "../../src/monitoring/metrics.ts";
import { inventory, LUN, sample, watchedPath } from "../watch/watched-host.ts";
import { hostWatch, incident, measured, NOW_MS, operation } from "./measured-sample.ts";

/** The values without `# HELP` and `# TYPE`, and without their prefix. */
async function valuesOf(given: Partial<Measured>): Promise<string[]> {
  const text = await metricsText(measured(given));
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines.filter((line) => !line.startsWith("zstack_chatops_"))).toEqual([]);
  return lines.map((line) => line.replace("zstack_chatops_", ""));
}
const watch = (...hosts: readonly ReturnType<typeof hostWatch>[]): Partial<Measured> => ({
  watch: { hosts, incidents: [], uses: [], everyMs: 30_000 },
});
const host1 = 'cluster="cluster-1",host="host1"';

describe("the metrics", () => {
  it("say what a host's paths, maps and leases are", async () => {
    const paths = [watchedPath(LUN, 1), watchedPath(LUN, 2, false)];
    const seen = sample(1, { paths, atMs: NOW_MS - 10_000, storage: { leaseAgeS: 17, lock: "lost" } });
    expect(await valuesOf(watch(hostWatch(seen)))).toEqual(
      expect.arrayContaining([
        `paths{${host1},state="active ready"} 1`,
        `paths{${host1},state="failed faulty"} 1`,
        `maps{${host1},health="complete"} 0`,
        `maps{${host1},health="degraded"} 1`,
        `maps{${host1},health="lost"} 0`,
        `lease_age_seconds{${host1},storage="ps-1"} 17`,
        `locks_held{${host1},storage="ps-1"} 0`,
        `observation_age_seconds{${host1}} 10`,
        `host_answers{${host1}} 1`,
        `host_events{${host1}} 1`,
      ]),
    );
  });

  it("count a path that is gone: its map is degraded, and lost if all are gone", async () => {
    const known = (wwid: string, port: number) => {
      const { key, adapter, port: portal, array } = watchedPath(wwid, port);
      return [key, { wwid, adapter, port: portal, array, lastSeenMs: 0 }] as const;
    };
    const paths = Object.fromEntries([known(LUN, 1), known(LUN, 2), known("3other", 1)]);
    const seen = hostWatch(sample(1, { paths: [watchedPath(LUN, 1)] }), {
      known: { sinceMs: 0, seenMs: 0, paths, luns: {}, serves: [] },
    });
    expect(await valuesOf(watch(seen))).toEqual(
      expect.arrayContaining([`maps{${host1},health="degraded"} 1`, `maps{${host1},health="lost"} 1`]),
    );
  });

  it("have the path states that multipathd knows, and count any other text as one state", async () => {
    const states = ["active ready", "failed i/o pending", 'x"} 1', "", "active ready2", "active"];
    const paths = states.map((state, index) => ({ ...watchedPath(LUN, index), state }));
    const values = await valuesOf(watch(hostWatch(sample(1, { paths }))));
    expect(values.filter((line) => line.startsWith("paths"))).toEqual([
      `paths{${host1},state="active ready"} 1`,
      `paths{${host1},state="failed i/o pending"} 1`,
      `paths{${host1},state="other"} 4`,
    ]);
  });

  it("show a host that does not answer, without values of what it had before", async () => {
    const silent = { hostUuid: inventory.hosts[0]?.uuid ?? "", atMs: NOW_MS - 5_000, silence: "no route" };
    const values = await valuesOf(watch(hostWatch(silent, { trouble: "no route" })));
    expect(values.filter((line) => line.includes("host1"))).toEqual([
      `observation_age_seconds{${host1}} 5`,
      `host_answers{${host1}} 0`,
      `host_events{${host1}} 0`,
    ]);
  });

  it("have nothing of a host that is not in the inventory any more", async () => {
    const values = await valuesOf({ inventory: { ...inventory, hosts: [] } });
    expect(values.filter((line) => line.includes("host="))).toEqual([]);
  });

  it("have the capacity of each storage of the inventory", async () => {
    const [storage] = inventory.primaryStorages;
    const use = { sizeBytes: 2_000, freeBytes: 500, observedAt: "2026-11-29T11:58:00.000Z" };
    const uses = [
      { ...use, storageUuid: storage?.uuid ?? "" },
      { ...use, storageUuid: "removed" },
    ];
    const values = await valuesOf({ watch: { hosts: [], incidents: [], uses, everyMs: 30_000 } });
    expect(values.filter((line) => line.startsWith("storage_"))).toEqual([
      'storage_size_bytes{storage="ps-1"} 2000',
      'storage_free_bytes{storage="ps-1"} 500',
      `storage_observation_age_seconds{storage="ps-1"} 120`,
    ]);
  });

  it("count incidents by severity and state, also at 0", async () => {
    const incidents = [
      incident(),
      incident({ severity: "critical", acknowledged: { by: "U1", at: "2026-11-29T11:00:00.000Z" } }),
      incident({ state: "quiet" }),
      incident({ state: "pending" }),
      incident({ state: "resolved" }),
    ];
    const values = await valuesOf({ watch: { hosts: [], uses: [], incidents, everyMs: 30_000 } });
    expect(values.filter((line) => line.startsWith("incidents"))).toEqual([
      'incidents{severity="critical",state="open"} 1',
      'incidents{severity="critical",state="quiet"} 0',
      'incidents{severity="warning",state="open"} 1',
      'incidents{severity="warning",state="quiet"} 1',
      'incidents{severity="info",state="open"} 0',
      'incidents{severity="info",state="quiet"} 0',
      "incidents_not_acknowledged 1",
    ]);
  });

  it("say what runs, which ends the channel does not know, and how Slack is connected", async () => {
    const operations = [
      operation(1, { state: "running" }),
      operation(2, { state: "done", notified: false }),
      operation(3, { state: "failed", notified: true }),
    ];
    expect(await valuesOf({ operations, logProblem: "disk full", watch: null })).toEqual([
      "ready 0",
      "audit_log_writable 0",
      'slack_connected{connection="1"} 1',
      'slack_connected{connection="2"} 0',
      `slack_hello_timestamp_seconds{connection="1"} ${(NOW_MS - 60_000) / 1000}`,
      'operations{state="planned"} 0',
      'operations{state="confirmed"} 0',
      'operations{state="running"} 1',
      "operation_ends_not_notified 1",
    ]);
  });

  it("count the audit entries that each receiver does not have, if there is one", async () => {
    const lines = async (forwards: Measured["forwards"]) =>
      (await valuesOf({ forwards })).filter((line) => line.startsWith("audit_entries"));
    expect(await lines([])).toEqual([]);
    const forwards = [
      { setting: "AUDIT_SYSLOG", waiting: 0 },
      { setting: "AUDIT_WEBHOOK", waiting: 12 },
    ];
    expect(await lines(forwards)).toEqual([
      'audit_entries_not_forwarded{receiver="AUDIT_SYSLOG"} 0',
      'audit_entries_not_forwarded{receiver="AUDIT_WEBHOOK"} 12',
    ]);
  });

  it("count ends, pushes and alerts from 0, and have the event loop's delay", async () => {
    const counters = new Counters("0.2.0");
    counters.operationEnded("done");
    counters.received({ joined: 2, waiting: 1 }, 4);
    const text = await counters.text();
    expect(text).toContain('zstack_chatops_operations_total{outcome="done"} 1\n');
    expect(text).toContain('zstack_chatops_operations_total{outcome="unknown"} 0\n');
    expect(text).toContain('zstack_chatops_alertmanager_pushes_total{result="failed"} 0\n');
    expect(text).toContain('zstack_chatops_alerts_received_total{result="joined"} 2\n');
    expect(text).toContain('zstack_chatops_alerts_received_total{result="not_joined"} 1\n');
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  });
});

it("docs/monitoring.md names every metric of the bot, with its labels, and no other", async () => {
  const group = { sizeBytes: 1, freeBytes: 1, observedAt: "2026-11-29T11:58:00.000Z" };
  const uses = [{ ...group, storageUuid: inventory.primaryStorages[0]?.uuid ?? "" }];
  const hosts = [hostWatch(sample(1))];
  const forwards = [{ setting: "AUDIT_SYSLOG", waiting: 0 }];
  const text = await metricsText(measured({ watch: { hosts, uses, incidents: [], everyMs: 30_000 }, forwards }));
  const found = new Map<string, string>();
  for (const line of `${text}\n${await new Counters("0.2.0").text()}`.split("\n")) {
    const [, name, labels = ""] = /^(zstack_chatops_\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name) found.set(name, [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).join(", "));
  }
  const page = readFileSync(join(import.meta.dirname, "../../docs/monitoring.md"), "utf8");
  const named = [...page.matchAll(/^\| `(zstack_chatops_\w+)` \| ([\w, ]*?) ?\| /gm)].map(([, name, labels]) => [
    name,
    labels,
  ]);
  expect(named.toSorted()).toEqual([...found].toSorted());
});
