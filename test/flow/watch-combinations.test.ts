import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEvent } from "../../src/watch/event-log.ts";
import { usualSettings } from "../../src/watch/watcher.ts";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 4, ports: 3 };
const MINUTE = 60;
type Which = (path: { host: number; lun: number; port: number }) => boolean;
const onPort =
  (...ports: number[]): Which =>
  ({ port }) =>
    ports.includes(port);
const ofLun =
  (lun: number, ...ports: number[]): Which =>
  (path) =>
    path.lun === lun && (ports.length === 0 || ports.includes(path.port));
const onHost =
  (host: number, which: Which = () => true): Which =>
  (path) =>
    path.host === host && which(path);
const everything: Which = () => true;

/** What people read: each post, and then each message as it shows at the end. */
function readIn(san: WatchedSan): string[] {
  const place = (post: { place: string; inChannelToo: boolean }) =>
    post.place === "C1" ? "channel" : post.inChannelToo ? "thread and channel" : "thread";
  const plain = (text: string) =>
    text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?/g, "TIME").replaceAll(/\d\d:\d\d:\d\d/g, "TIME");
  return [
    ...san.posts.map(
      (post) =>
        `${place(post)}: ${plain(
          post.text
            .split("\n")
            .slice(0, place(post) === "channel" ? 1 : 2)
            .join(" | "),
        ).replace(/ resolved after .*$/, " resolved")}`,
    ),
    ...[...san.messages.values()].map((text) => `now: ${plain(text.split("\n").slice(0, 3).join(" | "))}`),
  ];
}

interface Case {
  readonly title: string;
  readonly steps: (san: WatchedSan) => Promise<void>;
  readonly read: readonly string[];
}
const act = async (san: WatchedSan, id: string, patch: object, kind: "acknowledged" | "silenced" | "resolved") => {
  const at = new Date().toISOString();
  await san.watch.revise(id, (incident) => withEvent({ ...incident, ...patch }, { at, kind, by: "U1", text: "" }));
};

const restarts = async (san: WatchedSan, before: (() => void) | null = null) => {
  san.kill();
  before?.();
  await san.starts();
};

const cases: readonly Case[] = [
  {
    title: "one path of one host",
    read: [
      "channel: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty",
      "thread: inc-1: resolved | 10:03 UTC resolved",
      "now: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty | Resolved TIME, after 2 min. | LUN …000000 still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, ofLun(0, 1)));
      await san.passes(2 * MINUTE);
      san.sets(true, everything);
      await san.passes(3 * MINUTE);
    },
  },
  {
    title: "two hosts' adapters",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "channel: inc-2: Adapter host2 of host2 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "now: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
      "now: inc-2: Adapter host2 of host2 reaches nothing: 4 paths of 4 LUNs on 1 host | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, onPort(1)));
      await san.passes(5 * MINUTE);
      san.sets(false, onHost(1, onPort(2)));
      await san.passes(2 * MINUTE);
    },
  },
  {
    title: "one LUN on all hosts",
    read: [
      "channel: inc-1: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts",
      "now: inc-1: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts | CRITICAL since TIME. | LUN …000000: no path left on 3 hosts. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, ofLun(0));
      await san.passes(2 * MINUTE);
    },
  },
  {
    title: "one LUN on one host",
    read: [
      "channel: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host",
      "now: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | CRITICAL since TIME. | LUN …000000: no path left on 1 host. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(1, ofLun(0)));
      await san.passes(2 * MINUTE);
    },
  },
  {
    title: "one LUN of no storage on one host",
    read: [
      "channel: inc-1: LUN …000002 has failed on host2: 3 paths of 1 LUN on 1 host",
      "now: inc-1: LUN …000002 has failed on host2: 3 paths of 1 LUN on 1 host | Warning since TIME. | LUN …000002: no path left on 1 host. No storage uses it.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(1, ofLun(2)));
      await san.passes(2 * MINUTE);
    },
  },
  {
    title: "two ports one after the other",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "channel: inc-2: Target port 0x5002 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 10:11 UTC resolved",
      "thread: inc-2: resolved | 10:16 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 10 min. | Every LUN still had 1 path. ps-1 was at risk.",
      "now: inc-2: Target port 0x5002 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 10 min. | At worst: Target port 0x5002 does not answer: 12 paths of 4 LUNs on 3 hosts. Every LUN still has 1 path. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(5 * MINUTE);
      san.sets(false, onPort(2));
      await san.passes(5 * MINUTE);
      san.sets(true, onPort(1));
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a LUN at a port, and then another port",
    read: [
      "channel: inc-1: LUN …000003 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts",
      "channel: inc-2: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-2: resolved | 10:11 UTC resolved",
      "now: inc-1: LUN …000003 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts | Warning since TIME. | LUN …000003 still has 2 paths. No storage uses it.",
      "now: inc-2: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 5 min. | LUN …000003 still had 1 path; 3 LUNs had 2. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, ofLun(3, 1));
      await san.passes(5 * MINUTE);
      san.sets(false, onPort(0));
      await san.passes(5 * MINUTE);
      san.sets(true, onPort(0));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a LUN without paths by three causes",
    read: [
      "channel: inc-1: LUN …000000 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts",
      "channel: inc-2: Path sd0x2 of LUN …000000 on host1 through 0x5002: failed faulty",
      "channel: inc-3: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-3: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:15 UTC better: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts. LUN …000000 still has 1 path; 3 LUNs have 2.",
      "thread: inc-2: resolved | 10:16 UTC resolved",
      "now: inc-1: LUN …000000 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts | Warning since TIME. | LUN …000000 still has 1 path. It also lacks paths because of inc-3. At risk: ps-1.",
      "now: inc-2: Path sd0x2 of LUN …000000 on host1 through 0x5002: failed faulty | Resolved TIME, after 10 min. | LUN …000000: no path left on 1 host. ps-1 was at risk.",
      "now: inc-3: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | LUN …000000 still has 1 path; 3 LUNs have 2. Some of these LUNs also lack paths because of inc-1. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, ofLun(0, 1));
      await san.passes(5 * MINUTE);
      san.sets(false, onHost(0, ofLun(0, 2)));
      await san.passes(5 * MINUTE);
      san.sets(false, onPort(0));
      await san.passes(5 * MINUTE);
      san.sets(true, onHost(0, ofLun(0, 2)));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "an array that dies after one of its ports",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread and channel: inc-1: Array 0x5000 does not answer: 36 paths of 4 LUNs on 3 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: Array 0x5000 does not answer: 36 paths of 4 LUNs on 3 hosts | CRITICAL since TIME. | LUN …000000, LUN …000001, LUN …000002 and 1 more: no path left on 3 hosts. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(30 * MINUTE);
      san.sets(false, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "an array that dies after one of its ports, acknowledged",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:30 UTC acknowledged by @U1",
      "thread and channel: inc-1: Array 0x5000 does not answer: 36 paths of 4 LUNs on 3 hosts | @U9 inc-1 is critical, and nobody has acknowledged it since it got worse.",
      "now: inc-1: Array 0x5000 does not answer: 36 paths of 4 LUNs on 3 hosts | CRITICAL since TIME. | LUN …000000, LUN …000001, LUN …000002 and 1 more: no path left on 3 hosts. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(30 * MINUTE);
      await act(
        san,
        "inc-1",
        { acknowledged: { by: "U1", at: new Date().toISOString(), severity: "warning" } },
        "acknowledged",
      );
      await san.passes(2 * MINUTE);
      san.sets(false, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a critical one that grows from host to host",
    read: [
      "channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host",
      "channel: inc-2: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host",
      "thread: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-2: part of inc-1 | 10:06 UTC part of inc-1",
      "thread and channel: inc-1: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts | CRITICAL since TIME. | LUN …000000: no path left on 3 hosts. At risk: ps-1.",
      "now: inc-2: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | Joined at TIME: it is part of inc-1. | LUN …000000: no path left on 1 host. ps-1 was at risk.",
    ],
    steps: async (san) => {
      for (const host of [0, 1, 2]) {
        san.sets(false, onHost(host, ofLun(0)));
        await san.passes(3 * MINUTE);
      }
    },
  },
  {
    title: "one host down",
    read: [
      "channel: inc-1: host1 does not answer: timed out",
      "thread and channel: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: host1 was silent. It answers again, but not all of it works: host1 can't lock in ps-1: its lockspace does not run | 10:05 UTC grew: host1 was silent. It answers again, but not all of it works: host1 can't lock in ps-1: its lockspace does not run.",
      "thread: inc-1: resolved | 10:07 UTC resolved",
      "now: inc-1: host1 does not answer: timed out; for sanlock it is dead: its lease is not renewed | Resolved TIME, after 6 min. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.powers(0, false);
      await san.passes(5 * MINUTE);
      san.powers(0, true);
      await san.passes(60);
      san.locks(0, true);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "two of three hosts down",
    read: [
      "channel: inc-1: host1 does not answer: timed out",
      "channel: inc-2: host2 does not answer: timed out; it does not renew its sanlock lease",
      "thread and channel: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: host1 does not answer: timed out; for sanlock it is dead: its lease is not renewed | CRITICAL since TIME. | At risk: ps-1.",
      "now: inc-2: host2 does not answer: timed out; for sanlock it is dead: its lease is not renewed | CRITICAL since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      san.powers(0, false);
      san.powers(1, false);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "all hosts unreachable, and back",
    read: [
      "channel: inc-1: The bot can't reach any host: check the bot's own network",
      "thread: inc-1: resolved | 10:06 UTC resolved",
      "now: inc-1: The bot can't reach any host: check the bot's own network | Resolved TIME, after 5 min.",
    ],
    steps: async (san) => {
      for (const host of [0, 1, 2]) san.powers(host, false);
      await san.passes(5 * MINUTE);
      for (const host of [0, 1, 2]) {
        san.powers(host, true);
        san.locks(host, true);
      }
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "all hosts unreachable, and one stays away",
    read: [
      "channel: inc-1: The bot can't reach any host: check the bot's own network",
      "thread and channel: inc-1: host3 does not answer: timed out; for sanlock it is dead: its lease is not renewed | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: host3 does not answer: timed out; for sanlock it is dead: its lease is not renewed | CRITICAL since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      for (const host of [0, 1, 2]) san.powers(host, false);
      await san.passes(5 * MINUTE);
      for (const host of [0, 1]) {
        san.powers(host, true);
        san.locks(host, true);
      }
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a host of which the network flaps",
    read: [
      "channel: inc-1: host1 does not answer: timed out",
      "thread: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | 10:01 UTC worse: host1 does not answer: timed out; it does not renew its sanlock lease.",
      "thread: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | 10:02 UTC resolved",
      "thread: inc-1: host1 does not answer: timed out | 10:03 UTC back: host1 does not answer: timed out.",
      "thread: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | 10:04 UTC worse: host1 does not answer: timed out; it does not renew its sanlock lease.",
      "thread: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | 10:05 UTC flapping: back 3 times in 10 minutes, now host1 does not answer: timed out.",
      "thread: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: host1 does not answer: timed out; it does not renew its sanlock lease | Resolved TIME, after 11 min. Flapping, back 7 times in 10 minutes. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      for (let turn = 0; turn < 8; turn++) {
        san.powers(0, false);
        await san.passes(45);
        san.powers(0, true);
        san.locks(0, true);
        await san.passes(45);
      }
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a host down while a port fails",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 8 paths of 4 LUNs on 2 hosts",
      "channel: inc-2: host1 does not answer: timed out",
      "thread and channel: inc-2: host1 does not answer: timed out; it does not renew its sanlock lease | @U9 inc-2 is critical, and nobody has acknowledged it.",
      "thread: inc-2: host1 was silent. It answers again, but not all of it works: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty, and 7 more | 10:05 UTC better: host1 was silent. It answers again, but not all of it works: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty, and 7 more.",
      "thread: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:05 UTC grew: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts. Every LUN still has 2 paths.",
      "thread: inc-1: resolved | 10:11 UTC resolved",
      "thread: inc-2: resolved | 10:11 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 10 min. | Every LUN still had 2 paths. ps-1 was at risk.",
      "now: inc-2: host1 does not answer: timed out; for sanlock it is dead: its lease is not renewed | Resolved TIME, after 10 min. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.powers(0, false);
      san.sets(false, onPort(1));
      await san.passes(5 * MINUTE);
      san.powers(0, true);
      san.locks(0, true);
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "two unrelated causes at a time",
    read: [
      "channel: inc-1: Adapter host2 of host3 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "channel: inc-2: Path sd1x0 of LUN …000001 on host1 through 0x5000: failed faulty",
      "thread: inc-1: resolved | 10:06 UTC resolved",
      "thread: inc-2: resolved | 10:06 UTC resolved",
      "now: inc-1: Adapter host2 of host3 reaches nothing: 4 paths of 4 LUNs on 1 host | Resolved TIME, after 5 min. | Every LUN still had 2 paths. ps-1 was at risk.",
      "now: inc-2: Path sd1x0 of LUN …000001 on host1 through 0x5000: failed faulty | Resolved TIME, after 5 min. | LUN …000001 still had 2 paths.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, ofLun(1, 0)));
      san.sets(false, onHost(2, onPort(2)));
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a cause that moves to another port",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "channel: inc-2: Target port 0x5002 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 10:06 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 5 min. | Every LUN still had 2 paths. ps-1 was at risk.",
      "now: inc-2: Target port 0x5002 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(5 * MINUTE);
      san.sets(true, onPort(1));
      san.sets(false, onPort(2));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a port of which a part comes back",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: Adapter host1 of host3 reaches nothing: 4 paths of 4 LUNs on 1 host | 10:06 UTC shrank: Adapter host1 of host3 reaches nothing: 4 paths of 4 LUNs on 1 host. Every LUN still has 2 paths.",
      "thread: inc-1: resolved | 10:11 UTC resolved",
      "now: inc-1: Adapter host1 of host3 reaches nothing: 4 paths of 4 LUNs on 1 host | Resolved TIME, after 10 min. | At worst: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts. Every LUN still has 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(5 * MINUTE);
      san.sets(true, (path) => path.host !== 2);
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a host that leaves the inventory while its incident is open",
    read: [
      "channel: inc-1: Adapter host1 of host2 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "thread: inc-1: not watched any more | 10:03 UTC resolved",
      "now: inc-1: Path sd0x1 of LUN …000000 on host2 through 0x5001: failed faulty, and 7 more | Ended TIME: it is not watched any more, because it left the inventory or is gone for good. | Every LUN still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(1, onPort(1)));
      await san.passes(2 * MINUTE);
      san.has((inventory) => ({ ...inventory, hosts: inventory.hosts.filter(({ name }) => name !== "host2") }));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a dead host that leaves the inventory",
    read: [
      "channel: inc-1: host2 does not answer: timed out",
      "thread and channel: inc-1: host2 does not answer: timed out; it does not renew its sanlock lease | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: not watched any more | 10:03 UTC resolved",
      "now: inc-1: host2 does not answer: timed out; it does not renew its sanlock lease | Ended TIME: it is not watched any more, because it left the inventory or is gone for good. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.powers(1, false);
      await san.passes(2 * MINUTE);
      san.has((inventory) => ({ ...inventory, hosts: inventory.hosts.filter(({ name }) => name !== "host2") }));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a storage that is deleted while its LUN is lost",
    read: [
      "channel: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host",
      "thread: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | 10:02 UTC better: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host. LUN …000000: no path left on 1 host.",
      "now: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | Warning since TIME. | LUN …000000: no path left on 1 host. No storage uses it.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(1, ofLun(0)));
      await san.passes(2 * MINUTE);
      san.has((inventory) => ({ ...inventory, primaryStorages: [] }));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a storage that is deleted while it is full",
    read: [
      "channel: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free",
      "thread: inc-1: not watched any more | 10:06 UTC resolved",
      "now: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | Ended TIME: it is not watched any more, because it left the inventory or is gone for good. | On call",
    ],
    steps: async (san) => {
      san.percentUsed = 96;
      await san.passes(5 * MINUTE);
      san.has((inventory) => ({ ...inventory, primaryStorages: [] }));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a storage that fills step by step",
    read: [
      "channel: inc-1: ps-1 is 85 % full: 150.0 GB of 1.00 TB free",
      "thread: inc-1: ps-1 is 92 % full: 80.0 GB of 1.00 TB free | 10:12 UTC grew: ps-1 is 92 % full: 80.0 GB of 1.00 TB free.",
      "thread and channel: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: resolved | 10:34 UTC resolved",
      "now: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | Resolved TIME, after 30 min. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      for (const percent of [85, 92, 96]) {
        san.percentUsed = percent;
        await san.passes(10 * MINUTE);
      }
      san.percentUsed = 50;
      await san.passes(10 * MINUTE);
    },
  },
  {
    title: "a LUN of no storage that is gone for good",
    read: [
      "channel: inc-1: LUN …000003 has failed on all hosts: 9 paths of 1 LUN on 3 hosts",
      "thread: inc-1: not watched any more | 10:11 UTC resolved",
      "now: inc-1: LUN …000003 has failed on all hosts: 9 paths of 1 LUN on 3 hosts | Ended TIME: it is not watched any more, because it left the inventory or is gone for good. | LUN …000003: no path left on 3 hosts.",
    ],
    steps: async (san) => {
      for (const host of [0, 1, 2]) san.removes(host, 3);
      await san.passes(20 * MINUTE);
    },
  },
  {
    title: "a pause that begins while it is open",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 10:07 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 6 min. | LUN …000000: no path left on 1 host; 3 LUNs still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      const until = new Date(Date.now() + 3_600_000).toISOString();
      san.sets(false, onPort(1));
      await san.passes(2 * MINUTE);
      await san.watch.pause({ clusterUuid: san.inventory.clusters[0]?.uuid ?? "", by: "U1", until, reason: "repair" });
      await san.passes(2 * MINUTE);
      san.sets(false, onHost(0, ofLun(0)));
      await san.passes(2 * MINUTE);
      san.sets(true, onPort(1));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a pause that ends while it fails",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      const clusterUuid = san.inventory.clusters[0]?.uuid ?? "";
      const until = new Date(Date.now() + 600_000).toISOString();
      await san.watch.pause({ clusterUuid, by: "U1", until, reason: "repair" });
      san.sets(false, onPort(1));
      await san.passes(8 * MINUTE);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "an operation that begins while it is open",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "thread: op-7 causes this, so it is no incident | Path sd0x2 of LUN …000000 on host1 through 0x5002: failed faulty, and 3 more",
      "thread: inc-1: resolved | 10:05 UTC resolved",
      "now: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host | Resolved TIME, after 4 min. | Every LUN still had 1 path. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, onPort(1)));
      await san.passes(2 * MINUTE);
      san.operation = {
        words: "iscsi logout host1 10.0.0.1",
        state: "running",
        confirmedAt: new Date().toISOString(),
        finishedAt: null,
        place: "C9",
        messageId: "77",
      };
      san.sets(false, onHost(0, onPort(2)));
      await san.passes(2 * MINUTE);
      san.operation = null;
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a silence that ends while it is open",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "thread: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:02 UTC silenced by @U1",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, onPort(1)));
      await san.passes(2 * MINUTE);
      const until = new Date(Date.now() + 600_000).toISOString();
      await act(san, "inc-1", { silenced: { by: "U1", until, reason: "repair", severity: "warning" } }, "silenced");
      await san.passes(MINUTE);
      san.sets(false, onHost(1, onPort(1)));
      san.sets(false, onHost(2, onPort(1)));
      await san.passes(20 * MINUTE);
    },
  },
  {
    title: "a silence of a warning that becomes critical",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "thread and channel: inc-1: host1 has no path left: 12 paths of 4 LUNs on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: host1 has no path left: 12 paths of 4 LUNs on 1 host | CRITICAL since TIME. | LUN …000000, LUN …000001, LUN …000002 and 1 more: no path left on 1 host. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, onPort(1)));
      await san.passes(2 * MINUTE);
      const until = new Date(Date.now() + 6_000_000).toISOString();
      await act(san, "inc-1", { silenced: { by: "U1", until, reason: "repair", severity: "warning" } }, "silenced");
      await san.passes(MINUTE);
      san.sets(false, onHost(0));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "resolved by a person while it fails, and then more fails",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "thread: inc-1: resolved | 10:02 UTC resolved by @U1",
      "channel: inc-2: Adapter host2 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "now: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host | Resolved by @U1, TIME, after 2 min.  | Every LUN still had 2 paths. ps-1 was at risk.",
      "now: inc-2: Adapter host2 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host | Warning since TIME. | Every LUN still has 1 path. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, onPort(1)));
      await san.passes(2 * MINUTE);
      const [incident] = san.desk.incidents;
      const at = new Date().toISOString();
      await act(
        san,
        "inc-1",
        {
          state: "resolved",
          resolvedAt: at,
          quietAt: at,
          findings: [],
          shownFindings: incident?.findings,
          held: incident?.findings,
        },
        "resolved",
      );
      await san.passes(30 * MINUTE);
      san.sets(false, onHost(0, onPort(2)));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a clock that goes an hour forward while it is open",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 11:08 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 67 min. | Every LUN still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(2 * MINUTE);
      vi.setSystemTime(Date.now() + 3_600_000);
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a clock that goes an hour back while it is open",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 09:08 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME. | Every LUN still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(2 * MINUTE);
      vi.setSystemTime(Date.now() - 3_600_000);
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(10 * MINUTE);
    },
  },
  {
    title: "a clock that goes an hour back before it begins",
    read: [
      "channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host",
      "thread: inc-1: resolved | 09:07 UTC resolved",
      "now: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | Resolved TIME, after 5 min. | LUN …000000: no path left on 1 host. ps-1 was at risk.",
    ],
    steps: async (san) => {
      vi.setSystemTime(Date.now() - 3_600_000);
      await san.passes(MINUTE);
      san.sets(false, onHost(0, ofLun(0)));
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a clock that goes an hour back while it is quiet",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 09:03 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 2 min. | Every LUN still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(2 * MINUTE);
      san.sets(true, everything);
      await san.passes(20);
      vi.setSystemTime(Date.now() - 3_600_000);
      await san.passes(10 * MINUTE);
    },
  },
  {
    title: "a lease that is lost, and then its LUN",
    read: [
      "channel: inc-1: host2 can't lock in ps-1: its lockspace does not run",
      "thread and channel: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: host2 can't lock in ps-1: its lockspace does not run | 10:11 UTC shrank: host2 can't lock in ps-1: its lockspace does not run.",
      "thread: inc-1: resolved | 10:16 UTC resolved",
      "now: inc-1: host2 can't lock in ps-1: its lockspace does not run | Resolved TIME, after 15 min. | At worst: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host. LUN …000000: no path left on 1 host. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.locks(1, false);
      await san.passes(5 * MINUTE);
      san.sets(false, onHost(1, ofLun(0)));
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
      san.locks(1, true);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a LUN that is lost, and with it the lease",
    read: [
      "channel: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host",
      "thread: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | 10:01 UTC grew: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host. LUN …000000: no path left on 1 host.",
      "thread: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: host2 can't lock in ps-1: its lockspace does not run | 10:07 UTC shrank: host2 can't lock in ps-1: its lockspace does not run.",
      "thread: inc-1: resolved | 10:12 UTC resolved",
      "now: inc-1: host2 can't lock in ps-1: its lockspace does not run | Resolved TIME, after 11 min. | At worst: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host. LUN …000000: no path left on 1 host. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(1, ofLun(0)));
      await san.passes(MINUTE);
      san.locks(1, false);
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(5 * MINUTE);
      san.locks(1, true);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a service that stops on one host, and then on all",
    read: [
      "channel: inc-1: lvmlockd.service does not run on host1",
      "thread and channel: inc-1: cluster-1: lvmlockd.service does not run on host1, and the same on 2 more | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: cluster-1: lvmlockd.service does not run on host1, and the same on 2 more | CRITICAL since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      san.stopped.add("0 lvmlockd.service");
      await san.passes(5 * MINUTE);
      san.stopped.add("1 lvmlockd.service");
      san.stopped.add("2 lvmlockd.service");
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a path that flaps every 20 s",
    read: [
      "channel: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty",
      "thread: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty | 10:01 UTC back: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty. LUN …000000 still has 2 paths.",
      "now: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty | Resolved TIME, after 5 min. Flapping, back 14 times in 10 minutes. | LUN …000000 still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      for (let turn = 0; turn < 15; turn++) {
        san.sets(false, onHost(0, ofLun(0, 1)));
        await san.passes(10);
        san.sets(true, everything);
        await san.passes(10);
      }
      await san.passes(20 * MINUTE);
    },
  },
  {
    title: "critical, over, and back within ten minutes",
    read: [
      "channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host",
      "thread: inc-1: resolved | 10:04 UTC resolved",
      "thread and channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | CRITICAL since TIME. | LUN …000000: no path left on 1 host. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, ofLun(0)));
      await san.passes(3 * MINUTE);
      san.sets(true, everything);
      await san.passes(4 * MINUTE);
      san.sets(false, onHost(0, ofLun(0)));
      await san.passes(3 * MINUTE);
    },
  },
  {
    title: "a restart while it is pending",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(3);
      await restarts(san);
      await san.passes(3 * MINUTE);
    },
  },
  {
    title: "a restart while it is open",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(2 * MINUTE);
      await restarts(san);
      await san.passes(3 * MINUTE);
    },
  },
  {
    title: "a restart while it is quiet",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 10:03 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 2 min. | Every LUN still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(2 * MINUTE);
      san.sets(true, everything);
      await san.passes(20);
      await restarts(san);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a restart while it is resolved, and then it is back",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 10:03 UTC resolved",
      "thread: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:05 UTC back: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts. Every LUN still has 2 paths.",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onPort(1));
      await san.passes(2 * MINUTE);
      san.sets(true, everything);
      await san.passes(3 * MINUTE);
      await restarts(san, () => san.sets(false, onPort(1)));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a restart while two causes share a lost LUN",
    read: [
      "channel: inc-1: LUN …000000 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts",
      "channel: inc-2: LUN …000000 is not reached through 0x5002: 3 paths of 1 LUN on 3 hosts",
      "thread: inc-2: part of inc-1 | 10:05 UTC part of inc-1",
      "channel: inc-3: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: LUN …000000 has failed on all hosts: 6 paths of 1 LUN on 3 hosts | 10:05 UTC grew: LUN …000000 has failed on all hosts: 6 paths of 1 LUN on 3 hosts. LUN …000000: no path left on 3 hosts.",
      "thread: inc-3: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts | @U9 inc-3 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on all hosts: 6 paths of 1 LUN on 3 hosts | Warning since TIME. | LUN …000000: no path left on 3 hosts. It also lacks paths because of inc-3. At risk: ps-1.",
      "now: inc-2: LUN …000000 is not reached through 0x5002: 3 paths of 1 LUN on 3 hosts | Joined at TIME: it is part of inc-1. | LUN …000000: no path left on 1 host. ps-1 was at risk.",
      "now: inc-3: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts | CRITICAL since TIME. | LUN …000000: no path left on 3 hosts; 3 LUNs still have 2 paths. Some of these LUNs also lack paths because of inc-1. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, ofLun(0, 1, 2));
      await san.passes(5 * MINUTE);
      san.sets(false, onPort(0));
      await san.passes(5 * MINUTE);
      await restarts(san);
      await san.passes(3 * MINUTE);
    },
  },
  {
    title: "adapters of two hosts at one time",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "channel: inc-2: Adapter host1 of host2 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "now: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
      "now: inc-2: Adapter host1 of host2 reaches nothing: 4 paths of 4 LUNs on 1 host | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, onPort(1)));
      san.sets(false, onHost(1, onPort(1)));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a port that fails and is back during a pause",
    read: [],
    steps: async (san) => {
      const until = new Date(Date.now() + 600_000).toISOString();
      const clusterUuid = san.inventory.clusters[0]?.uuid ?? "";
      await san.watch.pause({ clusterUuid, by: "U1", until, reason: "repair" });
      san.sets(false, onPort(1));
      await san.passes(5 * MINUTE);
      san.sets(true, everything);
      await san.passes(10 * MINUTE);
    },
  },
];

describe("a senior engineer reads in the channel, of", () => {
  it.each(cases)("$title", async ({ steps, read }) => {
    const san = await new WatchedSan(SIZES, usualSettings, { onCall: ["U9"], escalateTo: ["S7"] }).starts();
    san.leasesAge = true;
    await san.passes(40);
    await steps(san);
    const found = readIn(san);
    san.kill();
    expect(found).toEqual(read);
    expect(san.errors).toEqual([]);
  });
});
