import { acknowledges, resolves, silences } from "../watched-san.ts";
import {
  act,
  adapterFails,
  everything,
  MINUTE,
  ofLun,
  onHost,
  onPort,
  pauses,
  portFails,
  readsInChannel,
  worksAgain,
} from "./cases.ts";

readsInChannel("what people and operations do", [
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
    title: "a silence that ends while it is open",
    read: [
      "channel: inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host",
      "thread: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | 10:02 UTC silenced by @U1",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Warning since TIME. | Every LUN still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      await adapterFails(san);
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
      await adapterFails(san);
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
      await adapterFails(san);
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
    title: "a pause that begins while it is open",
    read: [
      "channel: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      "thread: inc-1: resolved | 10:07 UTC resolved",
      "now: inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts | Resolved TIME, after 6 min. | LUN …000000: no path left on 1 host; 3 LUNs still had 2 paths. ps-1 was at risk.",
    ],
    steps: async (san) => {
      await portFails(san);
      await pauses(san, 3_600_000);
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
      await pauses(san, 600_000);
      san.sets(false, onPort(1));
      await san.passes(8 * MINUTE);
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "a port that fails and is back during a pause",
    read: [],
    steps: async (san) => {
      await pauses(san, 600_000);
      san.sets(false, onPort(1));
      await san.passes(5 * MINUTE);
      await worksAgain(san, 10 * MINUTE);
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
      await adapterFails(san);
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
      await worksAgain(san, 5 * MINUTE);
    },
  },
  {
    title: "a silence of a storage that fills up to the next level",
    read: [
      "channel: inc-1: ps-1 is 91 % full: 90.0 GB of 1.00 TB free",
      "thread and channel: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "thread: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | @U9 inc-1 is critical, and nobody has acknowledged it.",
      "now: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | CRITICAL since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      san.percentUsed = 91;
      await san.passes(5 * MINUTE);
      await silences(san, "inc-1", 24 * 60 * MINUTE * 1_000);
      san.percentUsed = 94;
      await san.passes(30 * MINUTE);
      san.percentUsed = 96;
      await san.passes(10 * MINUTE);
    },
  },
  {
    title: "an acknowledged and silenced storage that reaches the next level, still a warning",
    read: [
      "channel: inc-1: ps-1 is 82 % full: 180.0 GB of 1.00 TB free",
      "thread: inc-1: ps-1 is 82 % full: 180.0 GB of 1.00 TB free | 10:05 UTC acknowledged by @U1",
      "thread: inc-1: ps-1 is 91 % full: 90.0 GB of 1.00 TB free | 10:07 UTC silenced by @U1: for 24 h: repair",
      "now: inc-1: ps-1 is 93 % full: 70.0 GB of 1.00 TB free | Warning since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      san.percentUsed = 82;
      await san.passes(5 * MINUTE);
      await acknowledges(san, "inc-1");
      await san.passes(2 * MINUTE);
      await silences(san, "inc-1", 24 * 60 * MINUTE * 1_000);
      san.percentUsed = 89;
      await san.passes(10 * MINUTE);
      san.percentUsed = 91;
      await san.passes(10 * MINUTE);
      await silences(san, "inc-1", 24 * 60 * MINUTE * 1_000);
      san.percentUsed = 93;
      await san.passes(10 * MINUTE);
    },
  },
  {
    title: "a silence of a full storage that loses half of its free space",
    read: [
      "channel: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free",
      "thread: inc-1: ps-1 is 96 % full: 40.0 GB of 1.00 TB free | 10:05 UTC acknowledged by @U1",
      "thread and channel: inc-1: ps-1 is 99 % full: 10.0 GB of 1.00 TB free | @U9 inc-1 is critical, and nobody has acknowledged it since it got worse.",
      "thread: inc-1: ps-1 is 99 % full: 10.0 GB of 1.00 TB free | @U9 inc-1 is critical, and nobody has acknowledged it since it got worse.",
      "now: inc-1: ps-1 is 99 % full: 10.0 GB of 1.00 TB free | CRITICAL since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      san.percentUsed = 96;
      await san.passes(5 * MINUTE);
      await acknowledges(san, "inc-1");
      await silences(san, "inc-1", 24 * 60 * MINUTE * 1_000);
      san.percentUsed = 97;
      await san.passes(10 * MINUTE);
      san.percentUsed = 99;
      await san.passes(10 * MINUTE);
    },
  },
  {
    title: "a silence of a LUN that lacks one of three paths, and then has one path left, and wavers",
    read: [
      "channel: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty",
      "thread: inc-1: LUN …000000 on host1 has lost some of its paths: 2 paths of 1 LUN on 1 host | 10:02 UTC silenced by @U1: for 24 h: repair",
      "thread: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty | 10:18 UTC shrank: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty. LUN …000000 still has 2 paths.",
      "now: inc-1: Path sd0x1 of LUN …000000 on host1 through 0x5001: failed faulty | Warning since TIME. | LUN …000000 still has 2 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.sets(false, onHost(0, ofLun(0, 1)));
      await san.passes(2 * MINUTE);
      await silences(san, "inc-1", 24 * 60 * MINUTE * 1_000);
      // For less than the damping.
      san.sets(false, onHost(0, ofLun(0, 2)));
      await san.passes(3);
      san.sets(true, onHost(0, ofLun(0, 2)));
      await san.passes(5 * MINUTE);
      for (let turn = 0; turn < 4; turn++) {
        san.sets(false, onHost(0, ofLun(0, 2)));
        await san.passes(2 * MINUTE);
        san.sets(true, onHost(0, ofLun(0, 2)));
        await san.passes(30);
      }
      await san.passes(5 * MINUTE);
    },
  },
  {
    title: "an acknowledgement of a host that does not renew its lease, and is dead for sanlock then",
    read: [
      "channel: inc-1: host1 does not answer: timed out",
      "thread and channel: inc-1: host1 does not answer; it does not renew its sanlock lease (timed out) | @U1 inc-1 is critical now. It was acknowledged before.",
      "now: inc-1: host1 does not answer; for sanlock it is dead: its lease is not renewed (timed out) | CRITICAL since TIME. | At risk: ps-1.",
    ],
    steps: async (san) => {
      san.powers(0, false);
      await san.passes(70);
      await acknowledges(san, "inc-1");
      await san.passes(30 * MINUTE);
    },
  },
  {
    title: "that a LUN may be two LUNs is resolved by a person, and then the path of the second target fails",
    read: [
      "channel: inc-1: LUN …000000 on host1 may be two LUNs: sdaa reports no serial number, and its paths lead to 2 targets (not over iSCSI, iqn.2026-11.example:twin)",
      "thread: inc-1: resolved | 10:03 UTC resolved by @U1: known",
      "channel: inc-2: Path sdad of LUN …000000 on host1 through 192.0.2.9:3260: failed faulty",
      "now: inc-1: LUN …000000 on host1 may be two LUNs: sdaa reports no serial number, and its paths lead to 2 targets (not over iSCSI, iqn.2026-11.example:twin) | Resolved by @U1, TIME, after 3 min. known | ps-1 was at risk.",
      "now: inc-2: Path sdad of LUN …000000 on host1 through 192.0.2.9:3260: failed faulty | Warning since TIME. | LUN …000000 still has 3 paths. At risk: ps-1.",
    ],
    steps: async (san) => {
      san.twins.set(0, 0);
      await san.passes(3 * MINUTE);
      await resolves(san, "inc-1");
      await san.passes(3 * MINUTE);
      san.sets(false, onHost(0, ofLun(0, 3)));
      await san.passes(5 * MINUTE);
    },
  },
]);
