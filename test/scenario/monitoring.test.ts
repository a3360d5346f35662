import { afterEach, beforeEach, describe, expect } from "vitest";
import { z } from "zod";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itSimulated, luns } from "./target.ts";
import { incidentOf, quickWatch } from "./watch-words.ts";

const HOST1 = "sharedblock-host1";
const SECRET = "the-secret-of-a-story";

describe("watch show", () => {
  let story: Story;
  let url: string;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, {
      watch: { channel: null, settings: quickWatch },
      monitoring: { listen: { host: "127.0.0.1", port: 0 }, alertsSecret: SECRET, alertmanagers: [] },
    });
    url = `http://127.0.0.1:${story.bot.monitoring?.port}`;
  });
  afterEach(() => story.ends());

  /** Asks until the answer matches. */
  async function answers(path: string, pattern: RegExp | string): Promise<string> {
    let text = "";
    const asks = async () => {
      for (let turns = 0; turns < 2_000; turns++) {
        text = await (await fetch(`${url}${path}`)).text();
        if (typeof pattern === "string" ? text.includes(pattern) : pattern.test(text)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect.fail(`${path} does not show ${pattern}: ${text}`);
    };
    await asks();
    return text;
  }
  const sends = (
    status: "firing" | "resolved",
    labels: Readonly<Record<string, string>>,
    given: object = {},
  ): Promise<Response> =>
    fetch(`${url}/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${SECRET}` },
      body: JSON.stringify({
        ...{ version: "4", status, receiver: "chatops" },
        alerts: [{ status, labels, annotations: { summary: "15 % packets lost" }, fingerprint: "a1b2", ...given }],
      }),
    });

  itSimulated("has its facts in /metrics too, and the bot is ready once every host was observed", async () => {
    await answers("/readyz", /^ready$/m);
    const text = await answers("/metrics", `zstack_chatops_host_answers{cluster="cluster-1",host="${HOST1}"} 1`);
    expect(text).toContain("zstack_chatops_ready 1\n");
    expect(text).toContain('zstack_chatops_slack_connected{connection="2"} 1\n');
    await story.hosts.failsPath(luns.blank, HOST1);
    await incidentOf(story, luns.blank, HOST1);
    await answers(
      "/metrics",
      /^zstack_chatops_paths\{cluster="cluster-1",host="sharedblock-host1",state="failed faulty"\} [1-9]/m,
    );
    await story.says("/zstack zone add ZONE-9");
    await story.shows("ZONE-9");
    await answers("/metrics", 'zstack_chatops_operations_total{outcome="done"} 1\n');
  });

  itSimulated("joins an alert of another monitoring to the thread of the incident about its host, once", async () => {
    await story.hosts.failsPath(luns.blank, HOST1);
    const id = await incidentOf(story, luns.blank, HOST1);
    const labels = { alertname: "NodeNetwork", instance: `${HOST1}:9100`, wwid: luns.blank };
    expect(await (await sends("firing", labels)).json()).toEqual({ joined: 1, waiting: 0, notJoined: 0 });
    expect(await (await sends("firing", labels)).json()).toEqual({ joined: 1, waiting: 0, notJoined: 0 });
    expect(await (await sends("firing", { ...labels, wwid: "", instance: "elsewhere" })).json()).toEqual({
      joined: 0,
      waiting: 0,
      notJoined: 1,
    });
    await story.says(`/zstack incident show ${id}`);
    const shown = await story.shows("What happened", '"NodeNetwork"', "15 % packets lost");
    expect(shown.text.split("15 % packets lost")).toHaveLength(2);
  });

  itSimulated("shows an alert that fired before its incident began, and no text of it as Slack's markup", async () => {
    const name = "<!channel> *Disk* <@U0ALICE01>\u202e";
    const summary = `<!everyone>\n@here <https://x|y> \u0000${"`x` ".repeat(2_000).slice(0, 3_000)}`;
    const labels = { alertname: name, severity: "~bad~", device: `/dev/mapper/${luns.blank}` };
    await answers("/readyz", /^ready$/m);
    const answer = await sends("firing", labels, { annotations: { summary } });
    expect(await answer.json()).toEqual({ joined: 0, waiting: 1, notJoined: 0 });
    await story.hosts.failsPath(luns.blank, HOST1);
    const id = await incidentOf(story, luns.blank, HOST1);
    await story.says(`/zstack incident show ${id}`);
    const shown = textIn(await story.shows("What happened", "*Disk*"));
    expect(shown).toContain('"<!channel> *Disk* <@U0ALICE01>\\u202e" of LUN');
    expect(shown).toContain('fires ("~bad~"): "<!everyone>\\u000a@here <https://x|y> \\u0000`x`');
    // As text of a rich text it is only text. Elsewhere Slack reads it as markup.
    const sent = JSON.stringify(story.messages, (key, value) => (key === "elements" ? richTextless(value) : value));
    expect(sent).not.toMatch(/<!(?:channel|everyone)>|<https:\/\/x|\*Disk\* <@/);
    expect(JSON.stringify(story.messages)).not.toMatch(/"type":"(?:broadcast|link)"/);
  });
});

/** Without the texts of rich text. */
const richTextless = (elements: unknown): unknown =>
  Array.isArray(elements)
    ? elements.filter((each) => z.object({ type: z.literal("text") }).safeParse(each).error)
    : elements;
