import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { capacityValue, type Track } from "../../src/core/track-history.ts";
import { openHistoryStore } from "../../src/store/history-store.ts";
import type { TrackFact } from "../../src/watch/history-facts.ts";
import type { HistoryStore } from "../../src/watch/ports.ts";
import { type Figure, ms, timed } from "./figures.ts";
import { quiet } from "./setting.ts";

const HOSTS = 100;
const LUNS = 100;
const PORTS = 4;
const HOUR = 3_600_000;
const start = Date.parse("2026-11-01T00:00:00.000Z");

/** A month of 100 hosts with 100 LUNs. Each hour one port of each host fails for ten seconds. */
export async function historyFigures(directory: string): Promise<Figure[]> {
  const clock = { nowMs: start };
  const store = await openHistoryStore(directory, { days: 90, failed: quiet.error, now: () => clock.nowMs });
  const facts = factsOfHosts();
  const readDay = () =>
    timed(() => store.read(["path"], clock.nowMs - 24 * HOUR, clock.nowMs, ({ subject }) => subject === lunName(7)));
  const days: number[] = [];
  for (let day = 0; day < 2; day++) {
    for (let each = 0; each < 24; each++) await hour(store, facts, clock, start + (24 * day + each) * HOUR);
    days.push(await sizeOf(join(directory, "history")));
  }
  const [first = 0, second = 0] = days;
  const year = 365 * (second - first) + 12 * (first - (second - first));
  const lun = await readDay();
  const failed = await timed(() => store.read(["failed"], clock.nowMs - 24 * HOUR, clock.nowMs));
  await fill(store, clock);
  const capacity = await timed(() => store.read(["capacity"], clock.nowMs - 30 * 24 * HOUR, clock.nowMs));
  await store.close();
  return [
    {
      what: "history, a year of 100 hosts × 100 LUNs, a flap an hour",
      measured: `${(year / 1e6).toFixed(0)} MB`,
      aim: "< 100 MB",
    },
    { what: "history read: one LUN over 24 h", measured: ms(lun), aim: "< 200 ms" },
    { what: "history read: failed paths of all hosts over 24 h", measured: ms(failed), aim: "< 200 ms" },
    { what: "history read: capacity over 30 days", measured: ms(capacity), aim: "< 200 ms" },
  ];
}

const lunName = (lun: number): string => `36b083fe000daf0180000155${String(lun).padStart(9, "0")}`;
const hostUuid = (host: number): string => String(host).padStart(32, "0");

function tracksOf(host: number): Track[] {
  const counted: Track = { kind: "failed", ownerUuid: hostUuid(host), via: "", subject: "" };
  const paths = Array.from({ length: PORTS * LUNS }, (_, index): Track => {
    const via = `10.0.0.${Math.floor(index / LUNS)}:3260`;
    return { kind: "path", ownerUuid: hostUuid(host), via, subject: lunName(index % LUNS) };
  });
  return [counted, ...paths];
}

interface Facts {
  readonly whole: readonly TrackFact[];
  readonly failing: readonly TrackFact[];
}
const factsOfHosts = (): Facts[] =>
  Array.from({ length: HOSTS }, (_, host) => {
    const [counted, ...paths] = tracksOf(host);
    if (counted === undefined) throw new Error("no tracks");
    const works = paths.map((track) => ({ track, value: "works" }));
    const failing = works.map(({ track, value }, index) => ({ track, value: index < LUNS ? "failed" : value }));
    const count = (value: number) => ({ track: counted, value: `${value}` });
    return { whole: [count(0), ...works], failing: [count(LUNS), ...failing] };
  });

/** Each host is observed every ten minutes. In each, some of them have their flap. */
async function hour(store: HistoryStore, hosts: readonly Facts[], clock: { nowMs: number }, beginMs: number) {
  for (let tenth = 0; tenth < 6; tenth++) {
    for (const [host, { whole, failing }] of hosts.entries()) {
      const keep = (facts: readonly TrackFact[], seconds: number) => {
        clock.nowMs = beginMs + (tenth * 600 + host * 6) * 1000 + seconds * 1000;
        store.keep(hostUuid(host), facts, clock.nowMs);
      };
      keep(whole, 0);
      if (host % 6 !== tenth) continue;
      keep(failing, 1);
      keep(whole, 5);
    }
    await store.read([], 0, 0);
  }
}

/** Ten storages, each with a change an hour. */
async function fill(store: HistoryStore, clock: { nowMs: number }): Promise<void> {
  const beginMs = clock.nowMs;
  for (let hour = 0; hour < 30 * 24; hour++) {
    clock.nowMs = beginMs + hour * HOUR;
    for (let storage = 0; storage < 10; storage++) {
      const track: Track = { kind: "capacity", ownerUuid: hostUuid(900 + storage), via: "", subject: "" };
      store.keep(hostUuid(0), [{ track, value: capacityValue(1e12 - hour * 1e8, 2e12) }], clock.nowMs);
    }
  }
  await store.read([], 0, 0);
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    const file = await stat(join(folder, name));
    if (file.isFile()) bytes += file.size;
  }
  return bytes;
}
