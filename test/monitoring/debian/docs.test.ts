import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { fileOfDocs } from "./files-of-docs.ts";
import { run } from "./programs.ts";

/** What a team copies from docs/monitoring.md. */
describe("the files of docs/monitoring.md", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "monitoring-docs-"));
    for (const name of ["prometheus.yml", "zstack-chatops.rules.yml", "alertmanager.yml"])
      await writeFile(join(folder, name), fileOfDocs(name));
  });

  it("promtool finds nothing wrong in prometheus.yml and the rules", async () => {
    const { stdout } = await run("promtool", ["check", "config", join(folder, "prometheus.yml")]);
    expect(stdout).toContain("1 rule files found");
    expect(stdout).toContain("SUCCESS: 7 rules found");
  });

  it("amtool finds nothing wrong in alertmanager.yml", async () => {
    expect((await run("amtool", ["check-config", join(folder, "alertmanager.yml")])).stdout).toContain("SUCCESS");
  });

  it.each([
    ["dead-mans-switch", "alertname=ZStackChatopsHeartbeat", "severity=none"],
    ["pager,team", "alertname=SharedBlockIncident", "severity=critical"],
    ["team", "alertname=SharedBlockIncident", "severity=warning"],
    ["team", "alertname=ZStackChatopsDown", "severity=critical"],
    ["zstack-chatops,team", "alertname=NodeDown", "severity=critical"],
  ])("%s receives %s %s", async (receivers, ...labels) => {
    const config = `--config.file=${join(folder, "alertmanager.yml")}`;
    const { stdout } = await run("amtool", ["config", "routes", "test", config, ...labels]);
    expect(stdout.trim()).toBe(receivers);
  });

  it("each rule fires for what it is about, and for nothing else", async () => {
    await writeFile(join(folder, "rules.test.yml"), ruleTests);
    const { stdout } = await run("promtool", ["test", "rules", join(folder, "rules.test.yml")]);
    expect(stdout).toContain("SUCCESS");
  });
});

/** The names of all rules, which must not fire, but for these. */
const rules = ["Down", "NotReady", "HostNotObserved", "AlertsNotSent", "OperationUnknown", "EndsNotNotified", "Slow"];
const quiet = (minutes: number, ...but: readonly string[]): string =>
  rules
    .filter((name) => !but.includes(name))
    .map((name) => `      - { eval_time: ${minutes}m, alertname: ZStackChatops${name}, exp_alerts: [] }\n`)
    .join("");
const of = 'job="zstack-chatops", instance="127.0.0.1:9464"';
const series = (name: string, labels: string, values: string): string =>
  `      - { series: '${name}{${of}${labels}}', values: '${values}' }\n`;
const fires = (minutes: number, name: string, severity: string, more: string, summary: string): string =>
  `      - eval_time: ${minutes}m
        alertname: ZStackChatops${name}
        exp_alerts:
          - exp_labels: { severity: ${severity}, ${of.replaceAll("=", ": ")}${more} }
            exp_annotations: { summary: ${JSON.stringify(summary)} }
`;

const ruleTests = `
rule_files: [zstack-chatops.rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
${series("up", "", "1x60")}${series("zstack_chatops_ready", "", "1x60")}
${series("zstack_chatops_observation_age_seconds", ', host="h1"', "30x60")}
${series("zstack_chatops_alertmanager_pushes_total", ', result="done"', "0+1x60")}
${series("zstack_chatops_alertmanager_pushes_total", ', result="failed"', "0+1x60")}
${series("zstack_chatops_operations_total", ', outcome="unknown"', "0x60")}
${series("zstack_chatops_operation_ends_not_notified", "", "0x60")}
${series("nodejs_eventloop_lag_p99_seconds", "", "0.02x60")}
    alert_rule_test:
${quiet(50)}
  - interval: 1m
    input_series:
${series("up", "", "0x60")}${series("zstack_chatops_ready", "", "0x60")}
${series("zstack_chatops_observation_age_seconds", ', host="h1"', "300x60")}
${series("zstack_chatops_alertmanager_pushes_total", ', result="done"', "7x60")}
${series("zstack_chatops_alertmanager_pushes_total", ', result="failed"', "0+4x60")}
${series("zstack_chatops_operations_total", ', outcome="unknown"', "0x45 1x20")}
${series("zstack_chatops_operation_ends_not_notified", "", "2x60")}
${series("nodejs_eventloop_lag_p99_seconds", "", "0.75x60")}
    alert_rule_test:
${fires(50, "Down", "critical", "", "The bot does not answer, so nobody watches the storage")}
${fires(50, "NotReady", "warning", "", "The bot is not ready. Its /readyz says why")}
${fires(50, "HostNotObserved", "warning", ', host: "h1"', "h1 was observed 5m 0s ago")}
${fires(50, "AlertsNotSent", "warning", ', result: "failed"', "The bot can't send alerts. Its log says why")}
${fires(50, "OperationUnknown", "warning", ', outcome: "unknown"', "The result of an operation is unknown. See operation list")}
${fires(50, "EndsNotNotified", "warning", "", "The channel does not know how 2 operations ended")}
${fires(50, "Slow", "warning", "", "The bot's event loop is late by 750ms")}
  # ALERTMANAGER_URL is not set: nothing is sent, and nothing fails.
  - interval: 1m
    input_series:
${series("up", "", "1x60")}
${series("zstack_chatops_alertmanager_pushes_total", ', result="done"', "0x60")}
${series("zstack_chatops_alertmanager_pushes_total", ', result="failed"', "0x60")}
    alert_rule_test:
${quiet(50)}
`;
