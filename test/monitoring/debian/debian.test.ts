import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Story, until } from "../../scenario/story.ts";
import { luns } from "../../scenario/target.ts";
import { incidentOf, quickWatch } from "../../scenario/watch-words.ts";
import { freePort, Running, run } from "./programs.ts";

const HOST1 = "sharedblock-host1";
const SECRET = "the-secret-of-a-story";

const notificationSchema = z.object({
  status: z.string(),
  groupLabels: z.record(z.string(), z.string()),
  alerts: z.array(z.object({ status: z.string(), labels: z.record(z.string(), z.string()), endsAt: z.string() })),
});
type Notification = z.output<typeof notificationSchema>;

/** The real bot on simulated hosts, and Debian's own Alertmanager and Prometheus. */
describe("Debian's Alertmanager and Prometheus", () => {
  let story: Story;
  let bot: string;
  let alertmanager: Running;
  let managerUrl: string;
  let receiver: Server;
  /** What Alertmanager sent to the team's own receiver. */
  const notifications: Notification[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        notifications.push(notificationSchema.parse(JSON.parse(text)));
        response.end();
      });
    });
    const receiverPort = await freePort();
    await new Promise<void>((resolve) => receiver.listen(receiverPort, "127.0.0.1", resolve));
    const [managerPort, botPort, directory] = [
      await freePort(),
      await freePort(),
      await mkdtemp(join(tmpdir(), "am-")),
    ];
    managerUrl = `http://127.0.0.1:${managerPort}`;
    bot = `http://127.0.0.1:${botPort}`;
    const config = join(directory, "alertmanager.yml");
    await writeFile(config, alertmanagerConfig(receiverPort, botPort));
    await run("amtool", ["check-config", config]);
    alertmanager = new Running("prometheus-alertmanager", [
      `--config.file=${config}`,
      `--storage.path=${directory}`,
      `--web.listen-address=127.0.0.1:${managerPort}`,
      "--cluster.listen-address=",
    ]);
    await alertmanager.until(async () => ((await fetch(`${managerUrl}/-/ready`)).ok ? true : null));
    story = await Story.begin();
    await story.restartsBot(undefined, {
      watch: { channel: null, settings: quickWatch },
      monitoring: {
        listen: { host: "127.0.0.1", port: botPort },
        alertsSecret: SECRET,
        alertmanagers: [managerUrl],
      },
    });
  });
  afterAll(async () => {
    await story?.ends();
    await alertmanager?.stop();
    receiver?.close();
  });

  const activeAlerts = async (filter: string): Promise<Record<string, string>[]> => {
    const response = await fetch(`${managerUrl}/api/v2/alerts?active=true&filter=${encodeURIComponent(filter)}`);
    const alerts = z.array(z.object({ labels: z.record(z.string(), z.string()) })).parse(await response.json());
    return alerts.map(({ labels }) => labels);
  };
  const notified = (what: (each: Notification) => boolean): Promise<Notification> =>
    alertmanager.until(async () => notifications.find(what) ?? null);

  it("promtool finds nothing wrong in the names and texts of the metrics", async () => {
    await alertmanager.until(async () => ((await fetch(`${bot}/readyz`)).ok ? true : null));
    const text = await (await fetch(`${bot}/metrics`)).text();
    expect(text).toContain("zstack_chatops_paths{");
    const promtool = run("promtool", ["check", "metrics"]);
    promtool.child.stdin?.end(text);
    expect(await promtool).toEqual({ stdout: "", stderr: "" });
  });

  it("Prometheus scrapes them, and its rules can use them", async () => {
    const directory = await mkdtemp(join(tmpdir(), "prometheus-"));
    const config = join(directory, "prometheus.yml");
    await writeFile(
      config,
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: bot, static_configs: [{ targets: ["${bot.slice(7)}"] }] }]\n`,
    );
    const port = await freePort();
    const prometheus = new Running("prometheus", [
      `--config.file=${config}`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    try {
      const query = encodeURIComponent("count(zstack_chatops_host_answers == 1)");
      const value = await prometheus.until(async () => {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${query}`);
        const { data } = resultSchema.parse(await response.json());
        return data.result[0]?.value[1] ?? null;
      });
      expect(value).toBe("3");
    } finally {
      await prometheus.stop();
    }
  });

  it("Alertmanager has the heartbeat", async () => {
    await alertmanager.until(async () =>
      (await activeAlerts('alertname="ZStackChatopsHeartbeat"')).length === 1 ? true : null,
    );
  });

  it("Alertmanager receives, groups and resolves an incident", async () => {
    await story.hosts.failsPath(luns.blank, HOST1);
    const id = await incidentOf(story, luns.blank, HOST1);
    const fired = await notified(({ status, groupLabels }) => status === "firing" && groupLabels.incident === id);
    expect(fired.alerts).toMatchObject([
      { labels: { alertname: "SharedBlockIncident", cluster: "cluster-1", severity: "warning" } },
    ]);
    expect(await activeAlerts(`incident="${id}"`)).toHaveLength(1);
    await story.hosts.restoresPath(luns.blank, HOST1);
    const ended = await notified(({ status, groupLabels }) => status === "resolved" && groupLabels.incident === id);
    expect(ended.alerts).toMatchObject([{ status: "resolved", labels: fired.alerts[0]?.labels }]);
    expect(await activeAlerts(`incident="${id}"`)).toEqual([]);
    const of = notifications.filter(({ groupLabels }) => groupLabels.incident === id);
    expect(of.map(({ status }) => status)).toEqual(["firing", "resolved"]);
  });

  it("Alertmanager's webhook joins an alert of another monitoring to the incident about its host", async () => {
    await story.hosts.failsPath(luns.blank, HOST1);
    const id = await incidentOf(story, luns.blank, HOST1);
    const labels = { alertname: "NodeNetwork", instance: `${HOST1}:9100`, severity: "warning", wwid: luns.blank };
    const sent = await fetch(`${managerUrl}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ labels, annotations: { summary: "15 % packets lost" } }]),
    });
    expect(sent.status).toBe(200);
    // Within a minute of the first post of the incident its thread waits; its record does not.
    const joins = () =>
      story.bot.world.watchStore
        .desk()
        .incidents.find((incident) => incident.id === id)
        ?.events.find(({ kind }) => kind === "alert");
    const event = await until(joins, 60_000);
    expect(event?.text).toMatch(
      /^"NodeNetwork" of LUN .* on sharedblock-host1 fires \("warning"\): "15 % packets lost"$/,
    );
  });
});

const resultSchema = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** As README shows it: incidents go to the team's receiver, everything else to the bot too. */
const alertmanagerConfig = (receiverPort: number, botPort: number): string => `
route:
  receiver: team
  group_by: [alertname, bot, incident]
  group_wait: 1s
  group_interval: 1s
  routes:
    - matchers: [alertname="ZStackChatopsHeartbeat"]
      receiver: nobody
    - matchers: [alertname!="SharedBlockIncident"]
      receiver: chatops
receivers:
  - name: nobody
  - name: team
    webhook_configs: [{ url: "http://127.0.0.1:${receiverPort}/" }]
  - name: chatops
    webhook_configs:
      - url: http://127.0.0.1:${botPort}/alerts
        max_alerts: 100
        http_config: { authorization: { credentials: ${SECRET} } }
`;
