import { describe, expect, it } from "vitest";
import { tutorialLuns as luns, tutorialSan } from "../../../src/simulator/san/tutorial-san.ts";
import type { Happening } from "../timeline.ts";
import { falseAlarms, type WatchedStory } from "./alarms.ts";

const HOST = "sharedblock-host1";
const hostUuid = "1".repeat(32);

/** A story with one incident, in which all this happened. */
const story = (
  kind: string,
  wwid: string | null,
  happenings: readonly Happening[] = [],
  states: readonly string[] = ["done"],
): WatchedStory => ({
  events: happenings.map((happening, index) => ({ ...happening, seq: index + 1, atMs: 0 })),
  operations: states.map((state) => ({ state })),
  hosts: [{ uuid: hostUuid, name: HOST }],
  sanBefore: tutorialSan(),
  incidents: [{ id: "inc-1", findings: [{ kind, hostUuid, wwid, text: `${kind} on ${HOST}` }] }],
});
const silent = (host: string): Happening => ({ kind: "fault", text: "", does: "host silent", host });
const outside = (does: "grows" | "unmaps", wwid: string): Happening => ({ kind: "outside", does, wwid });

describe("false alarms of a story", () => {
  it.each<[what: string, story: WatchedStory]>([
    ["a path that was failed when it began", story("path failed", luns.failedPath)],
    ["a host that a fault made silent", story("host unreachable", null, [silent(HOST)])],
    ["a LUN that grew on the array", story("size changed", luns.blank, [outside("grows", luns.blank)])],
    ["a LUN that the array does not offer any more", story("LUN gone", luns.blank, [outside("unmaps", luns.blank)])],
    ["a clock that is ahead by hours", story("clock skew", null, [{ kind: "again", when: "hours later" }])],
    ["what an operation left that did not finish", story("volume group incomplete", null, [], ["done", "unknown"])],
  ])("are not: %s", (_what, explained) => {
    expect(falseAlarms(explained)).toEqual([]);
  });

  it.each<[what: string, story: WatchedStory]>([
    ["a path that nothing failed", story("path failed", luns.blank)],
    ["a host, if another one was silent", story("host unreachable", null, [silent("sharedblock-host2")])],
    ["another LUN than the one that grew", story("size changed", luns.orphan, [outside("grows", luns.blank)])],
    ["a LUN that an operation made appear", story("LUN new", luns.blank)],
    ["a lease that a finished operation stopped", story("lease lost", null)],
  ])("are: %s", (_what, unexplained) => {
    expect(falseAlarms(unexplained)).toEqual([
      expect.stringMatching(/^inc-1 is a false alarm: .* on sharedblock-host1$/),
    ]);
  });
});
