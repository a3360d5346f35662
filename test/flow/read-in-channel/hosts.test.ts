import { MINUTE, onHost, onPort, readsInChannel, worksAgain } from "./cases.ts";

readsInChannel("hosts that do not answer", [
  {
    title: "one host down",
    read: [
      "channel: inc-1: host1 does not answer: timed out",
      "thread and channel: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: host1 was silent. It answers again, but not all of it works: host1 can't lock in ps-1: its lockspace does not run | 10:05 UTC grew: host1 was silent. It answers again, but not all of it works: host1 can't lock in ps-1: its lockspace does not run.",
      "thread: inc-1: resolved | 10:07 UTC resolved",
      "now: inc-1: host1 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | Resolved TIME, after 6 min. | ps-1 was at risk.",
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
      "channel: inc-2: host2 does not answer; it does not renew its sanlock lease (timed out)",
      "thread and channel: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: host1 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | CRITICAL since TIME. | At risk: ps-1.",
      "now: inc-2: host2 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | CRITICAL since TIME. | At risk: ps-1.",
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
      "thread and channel: inc-1: host3 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: host3 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | CRITICAL since TIME. | At risk: ps-1.",
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
      "thread: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | 10:01 UTC worse: host1 does not answer; it does not renew its sanlock lease (timed out).",
      "thread: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | 10:02 UTC resolved",
      "thread: inc-1: host1 does not answer: timed out | 10:03 UTC back: host1 does not answer: timed out.",
      "thread: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | 10:04 UTC worse: host1 does not answer; it does not renew its sanlock lease (timed out).",
      "thread: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | 10:05 UTC flapping: back 3 times in 10 minutes, now host1 does not answer: timed out.",
      "thread: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | Resolved TIME, after 11 min. Flapping, back 7 times in 10 minutes. | ps-1 was at risk.",
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
      "thread and channel: inc-2: host1 does not answer; it does not renew its sanlock lease (timed out) | @U9 inc-2 is critical, and nobody has acknowledged it.",
      "thread: inc-2: host1 was silent. It answers again, but not all of it works: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty, and 7 more | 10:05 UTC better: host1 was silent. It answers again, but not all of it works: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty, and 7 more.",
      "thread: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:05 UTC grew: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts. Every LUN still has 2 paths.",
      "thread: inc-2: resolved | 10:06 UTC resolved",
      "thread: inc-1: resolved | 10:11 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 10 min. | Every LUN still had 2 paths. ps-1 was at risk.",
      "now: inc-2: host1 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | Resolved TIME, after 5 min. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.powers(0, false);
      san.sets(false, onPort(1));
      await san.passes(5 * MINUTE);
      san.powers(0, true);
      san.locks(0, true);
      await san.passes(5 * MINUTE);
      await worksAgain(san, 5 * MINUTE);
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
      "thread and channel: inc-1: host2 does not answer; it does not renew its sanlock lease (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: not watched any more | 10:03 UTC resolved",
      "now: inc-1: host2 does not answer; it does not renew its sanlock lease (timed out) | Ended TIME: it is not watched any more, because it left the inventory or is gone for good. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.powers(1, false);
      await san.passes(2 * MINUTE);
      san.has((inventory) => ({ ...inventory, hosts: inventory.hosts.filter(({ name }) => name !== "host2") }));
      await san.passes(5 * MINUTE);
    },
  },
]);
