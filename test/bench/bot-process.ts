import { performance } from "node:perf_hooks";
import { z } from "zod";
import { startBot } from "../../src/bot.ts";
import { usualSettings } from "../../src/watch/watcher.ts";
import { configFor } from "./setting.ts";

// The bot in a process of its own, so that its CPU and memory are measured alone. `watched-bot.ts` bundles it.

const settingSchema = z.object({
  slack: z.object({ botToken: z.string(), appToken: z.string(), apiUrl: z.string() }),
  channel: z.string(),
  operators: z.array(z.string()),
  dataDirectory: z.string(),
  privateKeyFile: z.string(),
  /** Whether a finding must last before it is posted, as usual. */
  isDamped: z.boolean(),
});
const { slack, channel, operators, dataDirectory, privateKeyFile, isDamped } = settingSchema.parse(
  JSON.parse(process.argv[2] ?? ""),
);
const questionSchema = z.object({ kind: z.enum(["usage", "begin slices", "end slices"]) });

const damping = { ...usualSettings.damping, ...(isDamped ? {} : { lastsMs: () => 0 }) };
const log = {
  info: () => undefined,
  error: (message: string, error: unknown) => {
    console.error(message, error);
    process.exit(1);
  },
};
const bot = await startBot(
  {
    ...configFor(dataDirectory, privateKeyFile, operators),
    ...{ slack, channels: [channel], watch: { channel: null, settings: { ...usualSettings, damping } } },
  },
  null,
  log,
);

/** How many hosts were observed and have an event stream. */
const watched = () => {
  const hosts = bot.world.watch()?.hosts() ?? [];
  return hosts.filter(
    ({ observedAt, silence, noEvents }) => observedAt !== null && silence === null && noEvents === null,
  ).length;
};

let isSlicing = false;
let longestSliceMs = 0;
const clock = () => ({ cpu: process.cpuUsage(), atMs: performance.now() });
let sliceBegan = clock();
/**
 * A turn of the event loop after the other: between two, nobody else has one. Other processes stretch the wall clock, and
 * threads that free memory add to the processor's time. So the lesser counts.
 */
function slice(): void {
  const { user, system } = process.cpuUsage(sliceBegan.cpu);
  longestSliceMs = Math.max(longestSliceMs, Math.min((user + system) / 1000, performance.now() - sliceBegan.atMs));
  sliceBegan = clock();
  if (isSlicing) setImmediate(slice);
}

process.on("message", (message) => {
  const { kind } = questionSchema.parse(message);
  if (kind === "begin slices") {
    [isSlicing, longestSliceMs, sliceBegan] = [true, 0, clock()];
    setImmediate(slice);
  }
  if (kind === "end slices") isSlicing = false;
  const { user, system } = process.cpuUsage();
  const rssBytes = process.memoryUsage.rss();
  const { maxRSS } = process.resourceUsage();
  process.send?.({
    cpuMs: (user + system) / 1000,
    atMs: performance.now(),
    rssBytes,
    mostRssBytes: maxRSS * 1024,
    watched: watched(),
    longestSliceMs,
  });
});
// The parent may be killed.
process.once("disconnect", () => process.exit());
process.send?.({ isReady: true });
