import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Incident } from "../../src/core/incident.ts";
import { alertsOf, Ends, heartbeat } from "../../src/monitoring/incident-alerts.ts";
import { nextRound, usualDamping } from "../../src/watch/incidents.ts";
import { causesIn, pathElement, samplePaths } from "../watch/sample-findings.ts";
import { inventory } from "../watch/watched-host.ts";
import { at, incident, NOW_MS } from "./measured-sample.ts";

const alertsNow = (incidents: readonly Incident[], seconds = 0) =>
  alertsOf(incidents, inventory, "0a1b2c3d", NOW_MS + seconds * 1000);

describe("an incident's alert", () => {
  it("says what is at risk, and ends by itself if it is not sent again", () => {
    expect(alertsNow([incident()])).toEqual([
      {
        labels: {
          ...{ alertname: "SharedBlockIncident", bot: "0a1b2c3d", cluster: "cluster-1", incident: "inc-7" },
          severity: "warning",
        },
        annotations: {
          summary: "inc-7: Path sd1 of LUN …bbe00a on host1 through 10.0.0.1:3260: failed faulty",
          ...{ storages: "ps-1", severity_now: "warning", findings: "1", fix: "incident show inc-7" },
        },
        ...{ startsAt: at(-125), endsAt: at(300) },
      },
    ]);
  });

  it("is not sent before people read of the incident", () => {
    expect(alertsNow([incident({ state: "pending", openedAt: null })])).toEqual([]);
  });

  it("continues while nothing is found and the incident may come back", () => {
    expect(alertsNow([incident({ state: "quiet", quietAt: at(-10) })])).toMatchObject([{ endsAt: at(300) }]);
  });

  it("ends when the incident ended, and is sent for 10 minutes after that was known", () => {
    const events = [{ at: at(0), kind: "resolved" as const, by: null, text: "" }];
    const over = incident({ state: "resolved", quietAt: at(-60), resolvedAt: at(-60), findings: [], events });
    expect(alertsNow([over])).toMatchObject([{ endsAt: at(-60) }]);
    expect(alertsNow([over], 600)).toHaveLength(1);
    expect(alertsNow([over], 601)).toEqual([]);
  });

  it("never ends before it begins", () => {
    const over = incident({ state: "resolved", beganAt: at(0), resolvedAt: at(-1) });
    expect(alertsNow([over])).toMatchObject([{ startsAt: at(0), endsAt: at(0) }]);
  });

  it.each([
    ["warning", "warning", ["warning"]],
    ["warning", "critical", ["warning", "critical"]],
    ["info", "critical", ["info", "warning", "critical"]],
    ["critical", "critical", ["critical"]],
    [undefined, "critical", ["critical"]],
  ] as const)(
    "that was reported as %s and became %s has the severities %j",
    (openedSeverity, worstSeverity, expected) => {
      const given = incident({ worstSeverity, ...(openedSeverity && { openedSeverity }) });
      expect(alertsNow([given]).map(({ labels }) => labels.severity)).toEqual(expected);
    },
  );

  it("continues with the same labels until the incident is resolved, however it changes", () => {
    const paths = samplePaths(2, 2, 2);
    const rounds = fc.array(fc.array(fc.boolean(), { minLength: paths.length, maxLength: paths.length }), {
      maxLength: 30,
    });
    let worse = 0;
    fc.assert(
      fc.property(rounds, (all) => {
        let incidents: readonly Incident[] = [];
        let number = 0;
        const firing = new Map<string, Set<string>>();
        for (const [index, fails] of all.entries()) {
          const nowMs = index * 10_000;
          const elements = paths.map((path, each) => pathElement(path, fails[each] === true));
          // The last path of a LUN makes it critical.
          const causes = causesIn(elements, nowMs).map((cause) => ({
            ...cause,
            severity: cause.findings.length > 3 ? ("critical" as const) : cause.severity,
            findings: cause.findings.map((finding) => ({
              ...finding,
              severity: cause.findings.length > 3 ? ("critical" as const) : finding.severity,
            })),
          }));
          incidents = nextRound(incidents, causes, nowMs, {
            damping: usualDamping,
            newId: () => `inc-${++number}`,
          }).incidents;
          const alerts = alertsOf(incidents, inventory, "bot", nowMs);
          expect(new Set(alerts.map((alert) => JSON.stringify(alert.labels))).size).toBe(alerts.length);
          for (const each of incidents) {
            const own = alerts.filter(({ labels }) => labels.incident === each.id);
            const now = new Set(own.map(({ labels }) => JSON.stringify(labels)));
            const before = firing.get(each.id) ?? new Set();
            if (before.size > 0 && now.size > before.size) worse += 1;
            // What was sent of it once is in each message, and all of it ends at once.
            for (const labels of before) expect([...now]).toContain(labels);
            expect(new Set(own.map(({ endsAt }) => endsAt)).size).toBeLessThan(2);
            for (const alert of own) expect(alert.endsAt >= alert.startsAt).toBe(true);
            firing.set(each.id, now);
          }
        }
      }),
    );
    expect(worse).toBeGreaterThan(0);
  });

  it("has texts of limited length", () => {
    const [finding] = incident().findings;
    if (finding === undefined) throw new Error("it has a finding");
    const [alert] = alertsNow([incident({ findings: [{ ...finding, text: "x".repeat(5_000) }] })]);
    expect(alert?.annotations.summary).toHaveLength(1_000);
  });
});

describe("what was sent before", () => {
  const warning = incident();

  it("ends in the message in which the same incident begins with other labels", () => {
    const ends = new Ends();
    ends.with(alertsNow([warning]), NOW_MS);
    const renamed = alertsOf([warning], { ...inventory, clusters: [] }, "0a1b2c3d", NOW_MS + 60_000);
    const sent = ends.with(renamed, NOW_MS + 60_000);
    expect(sent.map(({ labels, endsAt }) => [labels.cluster, endsAt])).toEqual([
      [warning.clusterUuid, at(360)],
      ["cluster-1", at(60)],
    ]);
  });

  it("keeps its severity while the incident becomes better", () => {
    const better = incident({ worstSeverity: "critical", severity: "warning" });
    expect(alertsNow([better])).toMatchObject([
      { labels: { severity: "critical" }, annotations: { severity_now: "warning" } },
    ]);
  });

  it("is sent for 10 minutes after its end, and then forgotten", () => {
    const ends = new Ends();
    ends.with(alertsNow([warning]), NOW_MS);
    expect(ends.with([], NOW_MS + 1_000)).toHaveLength(1);
    expect(ends.with([], NOW_MS + 601_000)).toHaveLength(1);
    expect(ends.with([], NOW_MS + 602_000)).toEqual([]);
  });

  it("does not end twice if the incident itself says when it ended", () => {
    const ends = new Ends();
    ends.with(alertsNow([warning]), NOW_MS);
    const over = incident({ state: "resolved", resolvedAt: at(30) });
    expect(ends.with(alertsNow([over], 60), NOW_MS + 60_000)).toMatchObject([{ endsAt: at(30) }]);
    expect(ends.with([], NOW_MS + 61_000)).toEqual([]);
  });
});

it("the heartbeat always fires, and says why the bot is not ready", () => {
  const beat = heartbeat("0a1b2c3d", ["Slack: no connection is open"], at(-60), NOW_MS);
  expect(beat).toMatchObject({
    labels: { alertname: "ZStackChatopsHeartbeat", bot: "0a1b2c3d", severity: "none" },
    ...{ startsAt: at(-60), endsAt: at(300) },
  });
  expect(beat.annotations.description).toBe("not ready: Slack: no connection is open");
});
