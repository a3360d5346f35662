import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../../../src/core/operation.ts";
import type { Grant } from "../../../src/core/role.ts";
import { tutorialSan } from "../../../src/simulator/san/tutorial-san.ts";
import { auditLine, noHash } from "../../../src/store/audit-line.ts";
import type { PageMessage } from "../../../src/workspace/page-protocol.ts";
import { alice, bob, carol, dave, group } from "../cast.ts";
import type { Evidence, LoggedEntry } from "../evidence.ts";
import type { KeptFiles } from "../kept-files.ts";
import type { Event, Happening } from "../timeline.ts";
import { begunWhileFrozen } from "./frozen.ts";
import { unapprovedChanges } from "./second-people.ts";
import { stepsAfterStop } from "./stops.ts";
import { actsNotLogged, doneWithoutRole } from "./unentitled.ts";

const host = "sharedblock-host1";
const clusterUuid = "b".repeat(32);
const wipe = ["wipefs", "--all", "--", "/dev/mapper/mpatha"];
const words = "sharedblock add cluster-1 wwid=36b0 name=ps-1 wipe=true";
const ok = { stdout: "", stderr: "", exitCode: 0 };
const T0 = Date.parse("2026-11-29T02:00:00.000Z");

/** One entry of the log: who, and what. `minute`: when. Its name marks where it ends. */
interface Line {
  readonly name?: string;
  readonly by: string;
  readonly event: AuditEvent;
  readonly minute?: number;
}
const asked = (by: string, typed: string, name?: string): Line => ({
  ...(name !== undefined && { name }),
  by,
  event: { kind: "asked", words: typed },
});
const acted = (by: string, typed: string, result = "so it is"): Line => ({
  by,
  event: { kind: "acted", words: typed, result },
});
const planned: Line = { by: alice, event: { kind: "planned", words, digest: "d", risk: "destructive" } };
const confirmed: Line = { by: alice, event: { kind: "confirmed", digest: "d" } };
const began = (step = 1): Line => ({
  name: `step-${step}`,
  by: alice,
  event: { kind: "began", stepId: `step-${step}`, host, effect: "destroy", argv: wipe },
});
const approval = (by: string, digest = "d"): Line[] => [
  asked(by, "approve op-1"),
  { name: "approved", by, event: { kind: "approved", digest } },
];
const glass: Line = { name: "glass", by: alice, event: { kind: "break-glass", digest: "d", reason: "why" } };
const ended = (state: "done" | "stopped" | "cancelled"): Line => ({
  by: alice,
  event: { kind: "ended", state, result: "so it ended" },
});

const grant = (who: string, role: Grant["role"], clusters: Grant["clusters"] = "all"): Grant => ({
  ...{ who, role, clusters, by: alice, at: new Date(T0).toISOString() },
});
const grants = [grant(bob, "operator"), grant(carol, "approver")];
type Changes = Partial<{ readonly [K in keyof KeptFiles]: readonly { at: string; content: unknown }[] }>;

function evidence(lines: readonly Line[], changes: Changes = {}, more: readonly Happening[] = []): Evidence {
  let end = 0;
  let previousHash = noHash;
  const positions = new Map<string, number>([["begin", 0]]);
  const audit = lines.map(({ by, event, name, minute = 0 }, index): LoggedEntry => {
    const operationId = ["asked", "acted"].includes(event.kind) ? null : "op-1";
    const at = new Date(T0 + minute * 60_000).toISOString();
    const { entry, line } = auditLine({ id: index + 1, at, by, operationId, event, previousHash });
    end += Buffer.byteLength(line) + 1;
    previousHash = entry.hash;
    if (name !== undefined) positions.set(name, end);
    return { entry, end };
  });
  const at = (name: string) => positions.get(name) ?? end;
  const kept = (first: unknown, list: readonly { at: string; content: unknown }[] = []) =>
    [{ from: 0, content: first }, ...list.map((each) => ({ from: at(each.at), content: each.content }))] as never;
  const runs = audit.flatMap(({ entry: { event }, end: auditBytes }): Happening[] =>
    event.kind === "began"
      ? [{ kind: "program", host: event.host, argv: event.argv, real: ok, answered: ok, changed: true, auditBytes }]
      : [],
  );
  const inventory: Evidence["inventory"] = {
    zones: [{ uuid: "a".repeat(32), name: "ZONE-1" }],
    clusters: [{ uuid: clusterUuid, name: "cluster-1", zoneUuid: "a".repeat(32) }],
    hosts: [
      {
        ...{ uuid: "1".repeat(32), name: host, clusterUuid, address: "127.0.0.1", port: 22, user: "root" },
        ...{ hostKeySha256: "SHA256:x", sanlockHostId: 1 },
      },
    ],
    primaryStorages: [],
    lastSanlockHostId: 1,
  };
  return {
    events: [...runs, ...more].map((happening, index): Event => ({ ...happening, seq: index + 1, atMs: 0 })),
    ...{ audit, auditFrom: 0, damage: [], isBroken: false, operations: [], inventoryBefore: inventory, inventory },
    ...{ san: tutorialSan(), sanBefore: tutorialSan(), incidents: null, beganMs: T0, messages: [], direct: [] },
    ...{ said: "", operators: [], cast: "roles" },
    kept: {
      roles: kept({ grants }, changes.roles),
      policies: kept({ rules: [] }, changes.policies),
      freezes: kept({ freezes: [] }, changes.freezes),
      reviews: kept({ reviews: [] }, changes.reviews),
      decisions: kept({ given: [] }, changes.decisions),
      starts: [],
    },
  };
}

const ask = asked(alice, words);
const rule = (approver: "always" | "never") => ({
  rules: [
    { risk: "destructive", cluster: null, confirm: "typed", approver, by: alice, at: new Date(T0).toISOString() },
  ],
});
const review = { id: "rev-1", operationId: "op-1", by: alice, closed: null };

describe("a change that its policy did not allow", () => {
  const setPolicy = [
    asked(alice, "policy set risk=destructive require=typed", "set"),
    acted(alice, "policy set risk=destructive require=typed"),
  ];
  it.each<[what: string, lines: readonly Line[], changes?: Changes, more?: readonly Happening[]]>([
    ["an approver approved it", [ask, planned, ...approval(carol), confirmed, began()]],
    [
      "a policy was set that asks for nobody",
      [...setPolicy, ask, planned, confirmed, began()],
      { policies: [{ at: "set", content: rule("never") }] },
    ],
    [
      "a break-glass has its review",
      [ask, planned, glass, confirmed, began()],
      { reviews: [{ at: "glass", content: { reviews: [review] } }] },
    ],
    [
      "a member of the group approved it",
      [ask, planned, ...approval(dave), confirmed, began()],
      { roles: [{ at: "begin", content: { grants: [grant(group, "approver")] } }] },
    ],
  ])("is none if %s", (_what, lines, changes, more) => {
    expect(unapprovedChanges(evidence(lines, changes, more))).toEqual([]);
  });

  it.each<[what: string, problem: RegExp, lines: readonly Line[], changes?: Changes, more?: readonly Happening[]]>([
    ["nobody confirmed it", /nobody had confirmed it/, [ask, planned, ...approval(carol), began()]],
    ["nobody approved it", /the log has none/, [ask, planned, confirmed, began()]],
    ["its asker approved it", /who asked for it/, [ask, planned, ...approval(alice), confirmed, began()]],
    [
      "its approver confirmed it",
      /who confirmed it/,
      [ask, planned, ...approval(carol), { ...confirmed, by: carol }, began()],
    ],
    ["an operator approved it", /who was no approver/, [ask, planned, ...approval(bob), confirmed, began()]],
    ["another plan was approved", /approved another plan/, [ask, planned, ...approval(carol, "e"), confirmed, began()]],
    ["it was approved too late", /after it began/, [ask, planned, confirmed, began(), ...approval(carol)]],
    [
      "the approval had expired",
      /confirmed after it had expired/,
      [ask, planned, ...approval(carol), { ...confirmed, minute: 20 }, began()],
    ],
    [
      "the approver lost the role before it ran",
      /no approver any more/,
      [
        ...[ask, planned, ...approval(carol), asked(alice, "role revoke @U0CAROL01 approver", "revoke")],
        ...[acted(alice, "role revoke @U0CAROL01 approver"), confirmed, began()],
      ],
      { roles: [{ at: "revoke", content: { grants: [grants[0], grant(dave, "approver")] } }] },
    ],
    [
      "the approver had left the group",
      /who was no approver/,
      [ask, planned, ...approval(dave), confirmed, began()],
      { roles: [{ at: "begin", content: { grants: [grant(group, "approver")] } }] },
      [{ kind: "group", users: [bob], auditBytes: 0 }],
    ],
    ["a break-glass has no review", /no review was open/, [ask, planned, glass, confirmed, began()]],
    [
      "its policy was set again before it was confirmed",
      /the log has none/,
      [
        ...[...setPolicy, ask, planned, asked(alice, "policy set risk=destructive require=approver", "again")],
        ...[acted(alice, "policy set risk=destructive require=approver"), confirmed, began()],
      ],
      {
        policies: [
          { at: "set", content: rule("never") },
          { at: "again", content: rule("always") },
        ],
      },
    ],
    [
      "a program destroys and no operation began it",
      /is of no operation/,
      [ask, planned, ...approval(carol), confirmed, began()],
      {},
      [{ kind: "program", host, argv: wipe, real: ok, answered: ok, changed: true, auditBytes: 1_000_000 }],
    ],
  ])("is one if %s", (_what, problem, lines, changes, more) => {
    expect(unapprovedChanges(evidence(lines, changes, more))).toContainEqual(expect.stringMatching(problem));
  });
});

describe("an operation that began on a frozen cluster", () => {
  const typed = "freeze cluster-1 reason=because-1";
  const freeze = { cluster: "cluster-1", by: bob, at: new Date(T0).toISOString(), reason: "because-1", until: null };
  const freezing = [asked(bob, typed, "frozen"), acted(bob, typed)];
  const isFrozen: Changes = { freezes: [{ at: "frozen", content: { freezes: [freeze] } }] };
  const answer = (text: string): Happening => ({
    kind: "message",
    message: { ...emptyMessage, blocks: [{ type: "section", text: { type: "mrkdwn", text } }] },
  });
  const named = answer("cluster-1 is frozen\nFrozen by bob: because-1\nop-1 (Add ps-1) runs now.");
  const unnamed = answer("cluster-1 is frozen\nFrozen by bob: because-1");

  it("is one if the freeze was there when it was confirmed", () => {
    const lines = [ask, planned, ...approval(carol), ...freezing, confirmed, began()];
    expect(begunWhileFrozen(evidence(lines, isFrozen))).toEqual([`op-1 began while cluster-1 was frozen by ${bob}`]);
  });
  it("is one if the freeze began while it waited, and its answer does not name it", () => {
    const lines = [ask, planned, ...approval(carol), confirmed, ...freezing, began()];
    expect(begunWhileFrozen(evidence(lines, isFrozen, [unnamed]))).toHaveLength(1);
    expect(begunWhileFrozen(evidence(lines, isFrozen, [named]))).toEqual([]);
  });
  it("is none if it began before, or another cluster is frozen, or the freeze ended", () => {
    const before = [ask, planned, ...approval(carol), confirmed, began(), ...freezing];
    expect(begunWhileFrozen(evidence(before, isFrozen, [unnamed]))).toEqual([]);
    const lines = [ask, planned, ...approval(carol), ...freezing, confirmed, began()];
    const other = { freezes: [{ at: "frozen", content: { freezes: [{ ...freeze, cluster: "cluster-2" }] } }] };
    expect(begunWhileFrozen(evidence(lines, other))).toEqual([]);
    const until = new Date(T0 - 1).toISOString();
    const over = { freezes: [{ at: "frozen", content: { freezes: [{ ...freeze, until }] } }] };
    expect(begunWhileFrozen(evidence(lines, over))).toEqual([]);
  });
});

describe("an operation that was stopped", () => {
  const stopping = [asked(bob, "operation stop op-1"), { by: bob, event: { kind: "stopping" } } as const];
  const answered = acted(bob, "operation stop op-1", "op-1 stops after this step");
  const until = [ask, planned, ...approval(carol), confirmed, began(1), ...stopping];
  it("may begin one more step of a host until the stop is answered", () => {
    expect(stepsAfterStop(evidence([...until, answered, ended("stopped")]))).toEqual([]);
    expect(stepsAfterStop(evidence([...until, began(2), answered, ended("stopped")]))).toEqual([]);
    // A step with a transient failure runs again.
    expect(stepsAfterStop(evidence([...until, answered, began(1), ended("stopped")]))).toEqual([]);
  });
  it.each<[what: string, problem: RegExp, lines: readonly Line[]]>([
    ["a step began after the answer", /then began step-2/, [...until, answered, began(2), ended("stopped")]],
    ["two steps of a host began before it", /2 steps on/, [...until, began(2), began(3), answered, ended("stopped")]],
    ["it is cancelled, and had begun", /it had begun/, [...until, answered, ended("cancelled")]],
    ["nobody stopped it", /nobody who stopped it/, [ask, planned, confirmed, began(1), ended("stopped")]],
  ])("is a problem if %s", (_what, problem, lines) => {
    expect(stepsAfterStop(evidence(lines))).toContainEqual(expect.stringMatching(problem));
  });
});

describe("what was done without its role or without its entry", () => {
  const typed = `role grant @${dave} operator`;
  const more = { at: "words", content: { grants: [...grants, grant(dave, "operator")] } };
  it("is nothing if people with the role typed it first", () => {
    const lines = [asked(alice, typed, "words"), acted(alice, typed)];
    const story = evidence(lines, { roles: [more] });
    expect([...actsNotLogged(story), ...doneWithoutRole(story)]).toEqual([]);
  });
  it.each<[what: string, problem: RegExp, lines: readonly Line[], changes?: Changes]>([
    ["a viewer granted a role", /was not admin/, [asked(dave, typed), acted(dave, typed)]],
    ["a viewer froze", /was not operator/, [asked(dave, "freeze all reason=x"), acted(dave, "freeze all reason=x")]],
    ["an operator approved", /was not approver/, [asked(bob, "approve op-1"), acted(bob, "approve op-1")]],
    ["an act has no words before it", /no words before it/, [acted(alice, typed)]],
    [
      "a viewer's plan ran",
      /was no operator/,
      [ask, planned, ...approval(carol), { ...confirmed, by: dave }, { ...began(), by: dave }],
    ],
    [
      "a role was granted before its words",
      /granted .* no words/,
      [asked(alice, typed)],
      { roles: [{ ...more, at: "begin" }] },
    ],
    [
      "a role was revoked without words",
      /revoked, and the log/,
      [asked(alice, typed)],
      { roles: [{ at: "end", content: { grants: [] } }] },
    ],
    [
      "a policy was set before its words",
      /policy of destructive was set/,
      [asked(alice, "policy set risk=destructive require=typed")],
      { policies: [{ at: "begin", content: rule("never") }] },
    ],
    [
      "a freeze ended without words",
      /freeze of all ended/,
      [asked(bob, "freeze all reason=x", "frozen")],
      {
        freezes: [
          { at: "frozen", content: { freezes: [{ cluster: null, by: bob, at: "1", reason: "x", until: null }] } },
          { at: "end", content: { freezes: [] } },
        ],
      },
    ],
    [
      "a plan was approved before its entry",
      /decided by .* no such entry/,
      [ask, planned, ...approval(carol)],
      { decisions: [{ at: "begin", content: { given: [{ id: "op-1", kind: "approved", by: carol, digest: "d" }] } }] },
    ],
    [
      "a review was opened before its entry",
      /opened, and the log has no break-glass/,
      [ask, planned, glass],
      { reviews: [{ at: "begin", content: { reviews: [review] } }] },
    ],
    [
      "a review was closed without words",
      /rev-1 was closed/,
      [ask, planned, glass],
      {
        reviews: [
          { at: "glass", content: { reviews: [review] } },
          { at: "end", content: { reviews: [{ ...review, closed: { by: alice, at: "1", note: "n" } }] } },
        ],
      },
    ],
  ])("is found if %s", (_what, problem, lines, changes) => {
    const story = evidence(lines, changes);
    expect([...actsNotLogged(story), ...doneWithoutRole(story)]).toContainEqual(expect.stringMatching(problem));
  });
});

const emptyMessage: PageMessage = {
  ...{ ts: "1.1", threadTs: null, inChannelToo: false, author: "U0ZSTACK", text: "", files: [] },
  ...{ edited: false, onlyFor: null, blocks: [] },
};
