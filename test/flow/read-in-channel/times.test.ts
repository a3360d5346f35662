import { vi } from "vitest";
import { lunFails, MINUTE, ofLun, onHost, onPort, portFails, readsInChannel, restarts, worksAgain } from "./cases.ts";

readsInChannel("what comes back, restarts and clocks", [
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
        await worksAgain(san, 10);
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
      await lunFails(san);
      await worksAgain(san, 4 * MINUTE);
      await lunFails(san);
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
      await portFails(san);
      vi.setSystemTime(Date.now() + 3_600_000);
      await san.passes(5 * MINUTE);
      await worksAgain(san, 5 * MINUTE);
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
      await portFails(san);
      vi.setSystemTime(Date.now() - 3_600_000);
      await san.passes(5 * MINUTE);
      await worksAgain(san, 10 * MINUTE);
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
      await worksAgain(san, 5 * MINUTE);
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
      await portFails(san);
      await worksAgain(san, 20);
      vi.setSystemTime(Date.now() - 3_600_000);
      await san.passes(10 * MINUTE);
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
      await portFails(san);
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
      await portFails(san);
      await worksAgain(san, 20);
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
      await portFails(san);
      await worksAgain(san, 3 * MINUTE);
      await restarts(san, () => san.sets(false, onPort(1)));
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a restart while two causes share a lost LUN",
    read: [
      "channel: inc-1: LUN …000000 is not reached through target ports 0x5001, 0x5002: 6 paths of 1 LUN on 3 hosts",
      "channel: inc-2: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-2: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts | @U9 inc-2 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on all hosts: 6 paths of 1 LUN on 3 hosts | Warning since TIME. | LUN …000000: no path left on 3 hosts. It also lacks paths because of inc-2. At risk: ps-1.",
      "now: inc-2: Target port 0x5000 does not answer: 12 paths of 4 LUNs on 3 hosts | CRITICAL since TIME. | LUN …000000: no path left on 3 hosts; 3 LUNs still have 2 paths. Some of these LUNs also lack paths because of inc-1. At risk: ps-1.",
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
]);
