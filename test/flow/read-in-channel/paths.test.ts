import { everything, MINUTE, ofLun, onHost, onPort, readsInChannel, worksAgain } from "./cases.ts";

readsInChannel("paths, LUNs, ports and arrays that fail", [
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
      await worksAgain(san, 3 * MINUTE);
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
      await worksAgain(san, 5 * MINUTE);
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
      await worksAgain(san, 5 * MINUTE);
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
      await worksAgain(san, 5 * MINUTE);
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
    title: "LUNs of one array that become smaller together, and one that becomes larger later",
    read: [
      "channel: inc-1: 4 LUNs of array 0x5000 became smaller",
      "thread: inc-1: LUN …000000 on host1: 1.00 TB before, 500.0 GB now, and the same on 2 more | 10:03 UTC shrank: LUN …000000 on host1: 1.00 TB before, 500.0 GB now, and the same on 2 more.",
      "channel: inc-2: LUN …000002 on host1: 500.0 GB before, 2.00 TB now, and the same on 2 more",
      "thread: inc-1: LUN …000000 on host1: 1.00 TB before, 500.0 GB now, and the same on 2 more | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-2: resolved | 10:07 UTC resolved",
      "now: inc-1: LUN …000000 on host1: 1.00 TB before, 500.0 GB now, and the same on 2 more | CRITICAL since TIME. | At risk: ps-1.",
      "now: inc-2: LUN …000002 on host1: 500.0 GB before, 2.00 TB now, and the same on 2 more | Resolved TIME, after 60 s.",
    ],
    steps: async (san) => {
      san.sizeOf = () => 5 * 10 ** 11;
      await san.passes(5 * MINUTE);
      san.sizeOf = ({ lun }) => (lun === 2 ? 2 * 10 ** 12 : 5 * 10 ** 11);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "paths of a LUN that show different sizes, at first for the time of a rescan",
    read: [
      "channel: inc-1: Paths of LUN …000000 on host2 show different sizes: 1.00 TB (sd0x0, sd0x2), 2.00 TB (sd0x1)",
      "thread: inc-1: resolved | 10:12 UTC resolved",
      "now: inc-1: Paths of LUN …000000 on host2 show different sizes: 1.00 TB (sd0x0, sd0x2), 2.00 TB (sd0x1) | Resolved TIME, after 10 min. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      const onOnePath = ({ host, lun, port }: { host: number; lun: number; port: number }) =>
        host === 1 && lun === 0 && port === 1 ? 2 * 10 ** 12 : 10 ** 12;
      san.sizeOf = onOnePath;
      await san.passes(40);
      san.sizeOf = null;
      await san.passes(5 * MINUTE);
      san.sizeOf = onOnePath;
      await san.passes(5 * MINUTE);
      san.sizeOf = null;
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "three LUNs of one array of which one path shows another size",
    read: [
      "channel: inc-1: LUN …000001, LUN …000002, LUN …000003 of array 0x5000 have paths of different sizes",
      "now: inc-1: LUN …000001, LUN …000002, LUN …000003 of array 0x5000 have paths of different sizes | Warning since TIME. | No storage uses it.",
    ],
    steps: async (san) => {
      san.sizeOf = ({ lun, port }) => (lun > 0 && port === 1 ? 2 * 10 ** 12 : 10 ** 12);
      await san.passes(5 * MINUTE);
    },
  },
]);
