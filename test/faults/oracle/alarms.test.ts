import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../src/core/inventory.ts";
import { tutorialLuns as luns, tutorialSan } from "../../../src/simulator/san/tutorial-san.ts";
import type { Happening } from "../timeline.ts";
import { falseAlarms, LATER_MS, missedAlarms, type WatchedFinding, type WatchedStory } from "./alarms.ts";

const HOST = "sharedblock-host1";
const [host1 = "", host2 = "", cluster = "", storage = ""] = ["1", "2", "b", "d"].map((digit) => digit.repeat(32));
const BEGAN_MS = Date.parse("2026-11-29T10:00:00.000Z");
const at = (second: number): string => new Date(BEGAN_MS + second * 1_000).toISOString();

const inventory: Inventory = {
  zones: [{ uuid: "a".repeat(32), name: "ZONE-1" }],
  clusters: [{ uuid: cluster, name: "cluster-1", zoneUuid: "a".repeat(32) }],
  hosts: [host1, host2].map((uuid, index) => ({
    ...{ uuid, name: `sharedblock-host${index + 1}`, clusterUuid: cluster, address: "127.0.0.1", port: 22 },
    ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: index + 1 },
  })),
  primaryStorages: [
    {
      ...{ uuid: storage, name: "ps-1", description: "", zoneUuid: "a".repeat(32), state: "Enabled" },
      clusterUuids: [cluster],
      sharedBlocks: [{ wwid: luns.orphan, sizeBytes: 10 ** 12, addedAt: at(-60), heldWhenClaimed: [] }],
    },
  ],
  lastSanlockHostId: 2,
};

interface Given {
  readonly happens?: readonly (readonly [second: number, happening: Happening])[];
  /** An operation that ran from second 100 to 110. */
  readonly ran?: readonly [words: string, state: WatchedStory["operations"][number]["state"]];
  readonly openedAt?: string;
}
/** A story with one incident, that has one finding of the first host. */
const story = (
  kind: string,
  finding: Partial<WatchedFinding>,
  { happens = [], ran, openedAt }: Given,
): WatchedStory => {
  const about = { hostUuid: host1, wwid: null, storageUuid: null, since: at(100), ...finding };
  return {
    incidents: [
      {
        ...{ id: "inc-1", isPosted: true, openedAt: openedAt ?? at(145) },
        findings: [{ kind, ...about, text: `${kind} on ${HOST}` }],
      },
    ],
    events: happens.map(([second, happening], index) => ({ ...happening, seq: index + 1, atMs: second * 1_000 })),
    beganMs: BEGAN_MS,
    operations: ran === undefined ? [] : [{ words: ran[0], state: ran[1], confirmedAt: at(90), finishedAt: at(110) }],
    ...{ inventoryBefore: inventory, inventory, sanBefore: tutorialSan(), san: tutorialSan() },
  };
};
const silent = (host: string): Happening => ({ kind: "fault", text: "", does: "host silent", host });
const outside = (does: "grows" | "unmaps", wwid: string): Happening => ({ kind: "outside", does, wwid });
const later: Happening = { kind: "again", when: "hours later" };
const ofStorage = { storageUuid: storage };

describe("false alarms of a story", () => {
  it.each<[what: string, story: WatchedStory]>([
    ["a path that was failed when it began", story("path failed", { wwid: luns.failedPath }, {})],
    [
      "a host that a fault made silent",
      story(
        "host unreachable",
        {},
        {
          happens: [
            [90, silent(HOST)],
            [130, { kind: "healed", host: HOST }],
          ],
        },
      ),
    ],
    [
      "a LUN that grew on the array",
      story("size changed", { wwid: luns.blank }, { happens: [[90, outside("grows", luns.blank)]] }),
    ],
    [
      "a LUN that the array does not offer any more",
      story("LUN gone", { wwid: luns.blank }, { happens: [[90, outside("unmaps", luns.blank)]] }),
    ],
    ["a clock that is ahead by hours", story("clock skew", {}, { happens: [[90, later]] })],
    [
      "a host that a fault made silent, by a clock that is ahead then",
      story(
        "host unreachable",
        { since: at(100 + LATER_MS / 1_000) },
        {
          happens: [
            [80, later],
            [90, silent(HOST)],
          ],
        },
      ),
    ],
    [
      "what an operation left on its storage that did not finish",
      story("lockspace stopped", ofStorage, { ran: ["sharedblock detach ps-1 cluster-1", "unknown"] }),
    ],
  ])("are not: %s", (_what, explained) => {
    expect(falseAlarms(explained)).toEqual([]);
  });

  it.each<[what: string, story: WatchedStory]>([
    ["a path that nothing failed", story("path failed", { wwid: luns.blank }, {})],
    ["a map without paths, if it had one failed path", story("map without paths", { wwid: luns.failedPath }, {})],
    [
      "a host, if another one was silent",
      story("host unreachable", {}, { happens: [[90, silent("sharedblock-host2")]] }),
    ],
    ["a host before it was silent", story("host unreachable", {}, { happens: [[110, silent(HOST)]] })],
    [
      "a host long after it was silent",
      story(
        "host unreachable",
        {},
        {
          happens: [
            [10, silent(HOST)],
            [20, { kind: "healed", host: HOST }],
          ],
        },
      ),
    ],
    [
      "another LUN than the one that grew",
      story("size changed", { wwid: luns.orphan }, { happens: [[90, outside("grows", luns.blank)]] }),
    ],
    [
      "a size that a resize made hosts show",
      story(
        "size changed",
        { wwid: luns.blank },
        { happens: [[90, outside("grows", luns.blank)]], ran: ["sharedblock resize ps-1", "done"] },
      ),
    ],
    ["a LUN that an operation made appear", story("LUN new", { wwid: luns.blank }, {})],
    [
      "a lease that a finished operation stopped",
      story("lease lost", ofStorage, { ran: ["sharedblock detach ps-1 cluster-1", "done"] }),
    ],
    [
      "what an operation caused while it still ran",
      story("lease lost", ofStorage, { ran: ["sharedblock detach ps-1 cluster-1", "failed"], openedAt: at(105) }),
    ],
    [
      "what such an operation can't cause",
      story("path failed", { wwid: luns.orphan }, { ran: ["sharedblock detach ps-1 cluster-1", "failed"] }),
    ],
    [
      "another storage than that of an operation that failed",
      story("lease lost", ofStorage, { ran: ["sharedblock detach ps-2 cluster-1", "failed"] }),
    ],
    [
      "what began long before an operation that failed",
      story("lease lost", { ...ofStorage, since: at(50) }, { ran: ["sharedblock detach ps-1 cluster-1", "failed"] }),
    ],
  ])("are: %s", (_what, unexplained) => {
    expect(falseAlarms(unexplained)).toEqual([
      expect.stringMatching(/^inc-1 is a false alarm: .* on sharedblock-host1$/),
    ]);
  });
});

describe("missed alarms of a story", () => {
  /** The tutorial's failed paths are reported on both hosts. */
  const told = (): WatchedStory => {
    const [incident] = story("path failed", { wwid: luns.failedPath }, {}).incidents ?? [];
    const findings = [host1, host2].flatMap((hostUuid) =>
      (incident?.findings ?? []).map((finding) => ({ ...finding, hostUuid })),
    );
    return {
      ...story("path failed", {}, {}),
      incidents: incident === undefined ? [] : [{ ...incident, findings }],
    };
  };
  it("are none if people read of all that is broken", () => {
    expect(missedAlarms(told())).toEqual([]);
  });
  it("are none if the bot did not watch", () => {
    expect(missedAlarms({ ...told(), incidents: null })).toEqual([]);
  });
  it("are paths that failed, and no incident names them", () => {
    expect(missedAlarms({ ...told(), incidents: [] })).toEqual([
      expect.stringMatching(/^path sd\w+ of 36\w+ on sharedblock-host1 is failed at the end, and no incident says so$/),
      expect.stringMatching(/^path sd\w+ of 36\w+ on sharedblock-host2 /),
    ]);
  });
  it("are an incident without a message", () => {
    const story = told();
    const incidents = (story.incidents ?? []).map((incident) => ({ ...incident, isPosted: false }));
    expect(missedAlarms({ ...story, incidents })).toEqual(["inc-1 opened, and its message was never posted"]);
  });
  it("are hosts that were silent for minutes, while the bot ran", () => {
    const events = story(
      "path failed",
      {},
      {
        happens: [
          [0, silent(HOST)],
          [200, { kind: "healed", host: HOST }],
        ],
      },
    ).events;
    expect(missedAlarms({ ...told(), events })).toEqual([
      "sharedblock-host1 was silent for 200 s, and no incident says so",
    ]);
    const killed = { kind: "bot", what: "killed", text: "", seq: 3, atMs: 100_000 } as const;
    expect(missedAlarms({ ...told(), events: [...events, killed] })).toEqual([]);
  });
  it("are hosts that left a lockspace without an operation that takes them out", () => {
    const sanBefore = tutorialSan();
    const group = {
      name: storage,
      uuid: "VG-1",
      tags: [],
      lockType: "sanlock",
      lockArgs: null,
      logicalVolumes: [],
    } as const;
    const lockspace = { volumeGroupUuid: "VG-1", hostId: 1, staleSince: null, joined: true, orphans: [] };
    const withGroup = { ...sanBefore, volumeGroups: [{ ...group, tags: [], logicalVolumes: [] }] };
    const hosts = sanBefore.hosts.map((host) => (host.name === HOST ? { ...host, lockspaces: [lockspace] } : host));
    const lost = { ...told(), sanBefore: { ...withGroup, hosts }, san: withGroup };
    expect(missedAlarms(lost)).toEqual([`${HOST} is no longer in the lockspace of ps-1, and no incident says so`]);
    const { operations } = story("x", {}, { ran: ["sharedblock detach ps-1 cluster-1", "done"] });
    expect(missedAlarms({ ...lost, operations })).toEqual([]);
  });
});
