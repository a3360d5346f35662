import { MINUTE, ofLun, onHost, readsInChannel, worksAgain } from "./cases.ts";

readsInChannel("storages, their leases and services", [
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
      await worksAgain(san, 5 * MINUTE);
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
      await worksAgain(san, 5 * MINUTE);
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
]);
