import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { diskName } from "../../src/simulator/san/san.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import { type Figure, median, ms, quantile } from "./figures.ts";
import { nowMs } from "./hosts-process.ts";
import { OPERATOR, type WatchedSite, withWatchedSite } from "./watched-bot.ts";
import { PORTALS } from "./watched-san.ts";

/** From the kernel's event on a host to the post in the channel, without damping. */
const EVENTS = 20;
const BETWEEN_MS = 1_500;

export async function watchPostFigures(directory: string): Promise<Figure[]> {
  const wish = { name: "watch-post", clusters: 2, hosts: 10, luns: 10, isDamped: false };
  const times = await withWatchedSite(directory, wish, async (site) => {
    const measured: number[] = [];
    for (const [index, { name }] of site.hosts.hosts.slice(0, EVENTS).entries()) {
      const posted = nextPost(site, `on ${name} through`);
      // Each host loses a path to another LUN: one LUN lost at a port by all hosts would be one cause, and one post.
      const device = diskName(1 + (index % wish.luns) * PORTALS.length);
      const beganAt = await site.hosts.breaks({ kind: "path", host: name, device });
      measured.push((await posted) - beganAt);
      await sleep(BETWEEN_MS);
    }
    return measured;
  });
  return [
    {
      what: `watch: kernel event on a host to the post in the channel, damping 0, ${EVENTS} events: median`,
      measured: ms(median(times)),
      aim: "< 1 s",
    },
  ];
}

/** Resolves when the channel has a post with this text. */
const nextPost = ({ workspace }: WatchedSite, text: string): Promise<number> =>
  new Promise((resolve) => {
    const end = workspace.subscribe((event) => {
      if (event.kind !== "message" || event.message.threadTs !== null) return;
      if (!JSON.stringify(event.message).includes(text)) return;
      end();
      resolve(nowMs());
    });
  });

/** Many hosts that nothing happens on. */
const MINUTE_MS = 60_000;
const SETTLE_MS = 40_000;
const COMMANDS = 240;
const commands = ["help", "operation list", "incident list", "watch show", "lun list cluster-3", "host list"];

export async function watchLoadFigures(directory: string): Promise<Figure[]> {
  const size = { clusters: 20, hosts: 50, luns: 10 };
  const measured = await withWatchedSite(directory, { name: "watch-load", ...size, isDamped: true }, async (site) => {
    // All hosts were observed at once; from here on they take turns.
    await sleep(SETTLE_MS);
    const before = await site.asks("usage");
    await sleep(MINUTE_MS);
    const after = await site.asks("usage");
    const acks = await acksOf(site);
    const { mostRssBytes } = await site.asks("usage");
    const incidents = postsIn(site).map(({ text }) => text);
    assert.deepEqual(
      incidents.filter((text) => text.includes("inc-")),
      [],
    );
    return { cpu: (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs), after, acks, mostRssBytes };
  });
  const { cpu, after, acks, mostRssBytes } = measured;
  const what = `watch of ${size.clusters * size.hosts} hosts with ${size.luns} LUNs of 4 paths`;
  return [
    { what: `${what}: CPU of the bot`, measured: `${(100 * cpu).toFixed(1)} % of a core`, aim: "< 30 %" },
    { what: "the same: memory (RSS)", measured: megabytes(after.rssBytes), aim: "< 400 MB" },
    {
      what: "the same: most memory from the start to the last command",
      measured: megabytes(mostRssBytes),
      aim: "< 400 MB",
    },
    { what: `the same: ack of a command, ${COMMANDS} commands: median`, measured: ms(median(acks)), aim: "" },
    { what: "the same: 99th percentile", measured: ms(quantile(acks, 0.99)), aim: "< 100 ms" },
  ];
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

async function acksOf({ workspace }: WatchedSite): Promise<number[]> {
  const begun = performance.now();
  const acks = Array.from({ length: COMMANDS }, async (_, index) => {
    const due = begun + (index * MINUTE_MS) / COMMANDS;
    await sleep(due - performance.now());
    const text = `/zstack ${commands[index % commands.length]}`;
    await workspace.say({ person: OPERATOR, text, threadTs: null });
    return performance.now() - due;
  });
  return Promise.all(acks);
}

const postsIn = ({ workspace, channel }: WatchedSite): PageMessage[] => workspace.messagesIn(channel);

/** An array dies: every path of every host fails. After its first post there is time for those of a minute later. */
const DEAD_MS = 100_000;

export async function deadArrayFigures(directory: string): Promise<Figure[]> {
  const size = { clusters: 4, hosts: 25, luns: 25 };
  const paths = size.clusters * size.hosts * size.luns * PORTALS.length;
  const wish = { name: "dead-array", ...size, isDamped: true };
  const { posts, titles, slice } = await withWatchedSite(directory, wish, async (site) => {
    // On a busy computer a host may have been silent before.
    const before = new Set(postsIn(site).map(({ ts }) => ts));
    await site.asks("begin slices");
    const posted = nextPost(site, "inc-");
    await site.hosts.breaks({ kind: "array" });
    await posted;
    await sleep(DEAD_MS);
    const { longestSliceMs } = await site.asks("end slices");
    const after = postsIn(site).filter(({ ts, threadTs }) => !before.has(ts) && !before.has(threadTs ?? ""));
    const first = after.flatMap(({ threadTs, text }) => (threadTs === null ? (text.split("\n")[0] ?? "") : []));
    return { posts: after.length, titles: first, slice: longestSliceMs };
  });
  process.stderr.write(titles.map((title) => `  ${title}\n`).join(""));
  const what = `an array dies, ${paths} paths fail`;
  return [
    { what: `${what}: incidents`, measured: String(titles.length), aim: "1" },
    { what: "the same: posts", measured: String(posts), aim: "≤ 5" },
    { what: "the same: longest slice of the event loop", measured: ms(slice), aim: "< 50 ms" },
  ];
}
