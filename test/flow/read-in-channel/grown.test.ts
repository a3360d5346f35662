import { lunFails, MINUTE, ofLun, onHost, onPort, readsInChannel, worksAgain } from "./cases.ts";

readsInChannel("what fails in one part after another", [
  {
    title: "a critical one that grows from host to host",
    read: [
      "channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host",
      "thread and channel: inc-1: LUN …000000 has failed on host1, host2: 6 paths of 1 LUN on 2 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts | 10:06 UTC grew: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts. LUN …000000: no path left on 3 hosts.",
      "thread: inc-1: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on all hosts: 9 paths of 1 LUN on 3 hosts | CRITICAL since TIME. | LUN …000000: no path left on 3 hosts. At risk: ps-1.",
    ],
    steps: async (san) => {
      for (const host of [0, 1, 2]) {
        san.sets(false, onHost(host, ofLun(0)));
        await san.passes(3 * MINUTE);
      }
    },
  },
  {
    title: "a critical one that grows after all calls",
    read: [
      "channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host",
      "thread: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | @S7 inc-1 is critical, and nobody has acknowledged it.",
      "thread and channel: inc-1: LUN …000000 has failed on host1, host2: 6 paths of 1 LUN on 2 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: LUN …000000 has failed on host1, host2: 6 paths of 1 LUN on 2 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: LUN …000000 has failed on host1, host2: 6 paths of 1 LUN on 2 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: LUN …000000 has failed on host1, host2: 6 paths of 1 LUN on 2 hosts | @S7 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on host1, host2: 6 paths of 1 LUN on 2 hosts | CRITICAL since TIME. | LUN …000000: no path left on 2 hosts. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, ofLun(0)));
      await san.passes(30 * MINUTE);
      san.sets(false, onHost(1, ofLun(0)));
      await san.passes(30 * MINUTE);
    },
  },
  {
    title: "a LUN that two hosts lose one after the other, and get back",
    read: [
      "channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host",
      "thread and channel: inc-1: LUN …000000 has failed on host1, host2: 6 paths of 1 LUN on 2 hosts | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | 10:07 UTC shrank: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host. LUN …000000: no path left on 1 host.",
      "thread: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: resolved | 10:10 UTC resolved",
      "thread and channel: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on host2: 3 paths of 1 LUN on 1 host | CRITICAL since TIME. | LUN …000000: no path left on 1 host. At risk: ps-1.",
    ],
    steps: async (san) => {
      await lunFails(san);
      san.sets(false, onHost(1, ofLun(0)));
      await san.passes(3 * MINUTE);
      san.sets(true, onHost(0));
      await san.passes(3 * MINUTE);
      await worksAgain(san, 3 * MINUTE);
      san.sets(false, onHost(1, ofLun(0)));
      await san.passes(3 * MINUTE);
    },
  },
  {
    title: "a LUN of which one path after the other fails",
    read: [
      "channel: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty",
      "thread: inc-1: LUN …000000 on host1 has lost some of its paths: 2 paths of 1 LUN on 1 host | 10:03 UTC grew: LUN …000000 on host1 has lost some of its paths: 2 paths of 1 LUN on 1 host. LUN …000000 still has 1 path.",
      "thread and channel: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: LUN …000000 has failed on host1: 3 paths of 1 LUN on 1 host | CRITICAL since TIME. | LUN …000000: no path left on 1 host. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, ofLun(0, 1)));
      await san.passes(3 * MINUTE);
      san.sets(false, onHost(0, ofLun(0, 2)));
      await san.passes(3 * MINUTE);
      await lunFails(san);
    },
  },
  {
    title: "an adapter that loses one LUN after the other",
    read: [
      "channel: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty",
      "channel: inc-2: Path sd1x1 of LUN …000001 on host1 through 0x5001: failed faulty",
      "channel: inc-3: Path sd2x1 of LUN …000002 on host1 through 0x5001: failed faulty",
      "thread: inc-2: part of inc-1 | 10:06 UTC part of inc-1",
      "thread: inc-3: part of inc-1 | 10:06 UTC part of inc-1",
      "thread: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host | 10:06 UTC grew: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host. Every LUN still has 2 paths.",
      "now: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
      "now: inc-2: Path sd1x1 of LUN …000001 on host1 through 0x5001: failed faulty | Joined at TIME: it is part of inc-1. | LUN …000001 still had 2 paths.",
      "now: inc-3: Path sd2x1 of LUN …000002 on host1 through 0x5001: failed faulty | Joined at TIME: it is part of inc-1. | LUN …000002 still had 2 paths.",
    ],
    steps: async (san) => {
      for (const lun of [0, 1, 2, 3]) {
        san.sets(false, onHost(0, ofLun(lun, 1)));
        await san.passes(2 * MINUTE);
      }
    },
  },
  {
    title: "a port that one host after the other does not reach",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "thread: inc-1: Target port 0x5001 is not reached from host1, host2: 8 paths of 4 LUNs on 2 hosts | 10:02 UTC grew: Target port 0x5001 is not reached from host1, host2: 8 paths of 4 LUNs on 2 hosts. Every LUN still has 2 paths.",
      "thread: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:04 UTC grew: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts. Every LUN still has 2 paths.",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      for (const host of [0, 1, 2]) {
        san.sets(false, onHost(host, onPort(1)));
        await san.passes(2 * MINUTE);
      }
    },
  },
  {
    title: "a path that one host after the other loses",
    read: [
      "channel: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty",
      "thread: inc-1: LUN …000000 is not reached through 0x5001 from host1, host2: 2 paths of 1 LUN on 2 hosts | 10:02 UTC grew: LUN …000000 is not reached through 0x5001 from host1, host2: 2 paths of 1 LUN on 2 hosts. LUN …000000 still has 2 paths.",
      "thread: inc-1: LUN …000000 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts | 10:04 UTC grew: LUN …000000 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts. LUN …000000 still has 2 paths.",
      "now: inc-1: LUN …000000 is not reached through 0x5001: 3 paths of 1 LUN on 3 hosts | Warning since TIME. | LUN …000000 still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      for (const host of [0, 1, 2]) {
        san.sets(false, onHost(host, ofLun(0, 1)));
        await san.passes(2 * MINUTE);
      }
    },
  },
  {
    title: "three of four LUNs that a host loses at one time",
    read: [
      "channel: inc-1: LUN …000000, LUN …000001, LUN …000002 have failed on host1: 9 paths of 3 LUNs on 1 host",
      "now: inc-1: LUN …000000, LUN …000001, LUN …000002 have failed on host1: 9 paths of 3 LUNs on 1 host | CRITICAL since TIME. | LUN …000000, LUN …000001, LUN …000002: no path left on 1 host. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(
        false,
        onHost(0, (path) => path.lun < 3),
      );
      await san.passes(2 * MINUTE);
    },
  },
  {
    title: "two hosts that go down an hour apart, and then all",
    read: [
      "channel: inc-1: host1 does not answer: timed out",
      "thread and channel: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: host1 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: host1 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: host1 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | @S7 inc-1 is critical, and nobody has acknowledged it.",
      "channel: inc-2: host2 does not answer: timed out",
      "thread and channel: inc-2: host2 does not answer; it does not renew its sanlock lease (timed out) | @U9 inc-2 is critical, and nobody has acknowledged it.",
      "thread: inc-2: host2 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | @U9 inc-2 is critical, and nobody has acknowledged it.",
      "thread: inc-2: part of inc-1 | 11:10 UTC part of inc-1",
      "thread and channel: inc-1: The bot can't reach any host: check the bot's own network | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: The bot can't reach any host: check the bot's own network | 11:10 UTC better: The bot can't reach any host: check the bot's own network.",
      "now: inc-1: The bot can't reach any host: check the bot's own network | Warning since TIME. | Also found",
      "now: inc-2: host2 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | Joined at TIME: it is part of inc-1. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.powers(0, false);
      await san.passes(60 * MINUTE);
      san.powers(1, false);
      await san.passes(10 * MINUTE);
      san.powers(2, false);
      await san.passes(10 * MINUTE);
    },
  },
  {
    title: "a service that stops on two of three hosts",
    read: [
      "channel: inc-1: multipathd.service does not run on host1",
      "thread: inc-1: multipathd.service does not run on host1, and the same on 1 more | 10:06 UTC grew: multipathd.service does not run on host1, and the same on 1 more.",
      "thread: inc-1: resolved | 10:11 UTC resolved",
      "now: inc-1: multipathd.service does not run on host1, and the same on 1 more | Resolved TIME, after 10 min. | ps-1 was at risk.",
    ],
    steps: async (san) => {
      san.stopped.add("0 multipathd.service");
      await san.passes(5 * MINUTE);
      san.stopped.add("1 multipathd.service");
      await san.passes(5 * MINUTE);
      san.stopped.clear();
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "leases that two of three hosts lose",
    read: [
      "channel: inc-1: host1 can't lock in ps-1: its lockspace does not run",
      "thread: inc-1: host1 can't lock in ps-1: its lockspace does not run, and the same on 1 more | 10:06 UTC grew: host1 can't lock in ps-1: its lockspace does not run, and the same on 1 more.",
      "now: inc-1: host1 can't lock in ps-1: its lockspace does not run, and the same on 1 more | Warning since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      san.locks(0, false);
      await san.passes(5 * MINUTE);
      san.locks(1, false);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "adapters of two hosts at one time",
    read: [
      "channel: inc-1: Target port 0x5001 is not reached from host1, host2: 8 paths of 4 LUNs on 2 hosts",
      "now: inc-1: Target port 0x5001 is not reached from host1, host2: 8 paths of 4 LUNs on 2 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, onPort(1)));
      san.sets(false, onHost(1, onPort(1)));
      await san.passes(5 * MINUTE);
    },
  },
]);
