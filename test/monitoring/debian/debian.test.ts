import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Story, until } from "../../scenario/story.ts";
import { luns } from "../../scenario/target.ts";
import { addsStorage } from "../../scenario/two-clusters.ts";
import { incidentOf, quickWatch } from "../../scenario/watch-words.ts";
import { fileOfDocs, replaced } from "./files-of-docs.ts";
import { freePort, Running, run } from "./programs.ts";

const HOST1 = "sharedblock-host1";
const SECRET = "the-secret-of-a-story";
const HEARTBEAT = "ZStackChatopsHeartbeat";

const notificationSchema = z.object({
  status: z.string(),
  groupLabels: z.record(z.string(), z.string()),
  alerts: z.array(z.object({ status: z.string(), labels: z.record(z.string(), z.string()), endsAt: z.string() })),
});
/** `to`: the receiver of docs/monitoring.md. */
type Notification = z.output<typeof notificationSchema> & { readonly to: string };

/** The real bot on simulated hosts, and Debian's own Alertmanager and Prometheus. */
describe("Debian's Alertmanager and Prometheus", () => {
  let story: Story;
  let bot: string;
  let alertmanager: Running;
  let managerUrl: string;
  let receiver: Server;
  /** What Alertmanager sent to the receivers of docs/monitoring.md, but for the bot. */
  const notifications: Notification[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        notifications.push({ ...notificationSchema.parse(JSON.parse(text)), to: (request.url ?? "").slice(1) });
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
    const secretFile = join(directory, "secret");
    await writeFile(secretFile, `${SECRET}\n`);
    await writeFile(
      config,
      replaced(
        fileOfDocs("alertmanager.yml"),
        ["https://example.org/", `http://127.0.0.1:${receiverPort}/`],
        ["127.0.0.1:9464", `127.0.0.1:${botPort}`],
        ["/etc/prometheus/zstack-chatops-secret", secretFile],
        ["group_wait: 5s", "group_wait: 1s"],
        ["group_interval: 1m", "group_interval: 1s"],
      ),
    );
    alertmanager = new Running("prometheus-alertmanager", [
      `--config.file=${config}`,
      `--storage.path=${directory}`,
      `--web.listen-address=127.0.0.1:${managerPort}`,
      "--cluster.listen-address=",
    ]);
    await alertmanager.until(async () => ((await fetch(`${managerUrl}/-/ready`)).ok ? true : null));
    story = await Story.begin();
    await addsStorage(story);
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
  const becomes = (isSo: () => boolean): Promise<true> => alertmanager.until(async () => isSo() || null);

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
      replaced(
        fileOfDocs("prometheus.yml"),
        ["127.0.0.1:9464", bot.slice("http://".length)],
        ["127.0.0.1:9093", managerUrl.slice("http://".length)],
        ["scrape_interval: 15s", "scrape_interval: 1s"],
      ),
    );
    await writeFile(join(directory, "zstack-chatops.rules.yml"), fileOfDocs("zstack-chatops.rules.yml"));
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

  it("Alertmanager has the heartbeat, and only the dead man's switch receives it", async () => {
    await alertmanager.until(async () => ((await activeAlerts(`alertname="${HEARTBEAT}"`)).length === 1 ? true : null));
    await notified(({ to }) => to === "heartbeat");
    const receivers = notifications.flatMap(({ to, groupLabels }) => (groupLabels.alertname === HEARTBEAT ? [to] : []));
    expect(new Set(receivers)).toEqual(new Set(["heartbeat"]));
  });

  /** What the team received about an incident. */
  const about = (id: string, to = "team") =>
    notifications.filter((each) => each.to === to && each.groupLabels.incident === id);

  it("Alertmanager receives, groups and resolves an incident, and fires again if it comes back", async () => {
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
    expect(about(id).map(({ status }) => status)).toEqual(["firing", "resolved"]);
    await story.hosts.failsPath(luns.blank, HOST1);
    await becomes(() => about(id).length === 3);
    await story.hosts.restoresPath(luns.blank, HOST1);
    await becomes(() => about(id).length === 4);
    expect(about(id).map(({ status }) => status)).toEqual(["firing", "resolved", "firing", "resolved"]);
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

  it("an incident that gets worse reaches the pager too, and nobody reads of an end before it ends", async () => {
    const id = await incidentOf(story, luns.blank, HOST1);
    await becomes(() => about(id).at(-1)?.status === "firing");
    const before = about(id).length;
    const statuses = () =>
      about(id)
        .slice(before - 1)
        .flatMap(({ alerts }) => alerts.map(({ status }) => status));
    const active = async () => (await activeAlerts(`incident="${id}"`)).map(({ severity }) => severity).toSorted();
    const others = ["sdf", "sdi"];
    for (const path of others) await story.bot.world.san?.apply(`path-fail ${HOST1} ${luns.blank} ${path}`);
    await becomes(() => about(id, "pager").length > 0);
    await becomes(() => about(id).length > before);
    expect(await active()).toEqual(["critical", "warning"]);
    expect(statuses()).not.toContain("resolved");
    for (const path of others) await story.bot.world.san?.apply(`path-restore ${HOST1} ${luns.blank} ${path}`);
    await story.hosts.restoresPath(luns.blank, HOST1);
    await becomes(() => about(id, "pager").at(-1)?.status === "resolved" && about(id).at(-1)?.status === "resolved");
    expect(await active()).toEqual([]);
    expect(about(id, "pager").map(({ status }) => status)).toEqual(["firing", "resolved"]);
  });
});

const resultSchema = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});
