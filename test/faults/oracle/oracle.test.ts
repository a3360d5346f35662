import { describe, expect, it } from "vitest";
import type { AuditEvent, Operation } from "../../../src/core/operation.ts";
import { tutorialSan } from "../../../src/simulator/san/tutorial-san.ts";
import { auditLine, noHash } from "../../../src/store/audit-line.ts";
import type { PageMessage } from "../../../src/workspace/page-protocol.ts";
import { alice, bob, carol, terminal } from "../cast.ts";
import type { Evidence, LoggedEntry } from "../evidence.ts";
import { keptFiles } from "../kept-files.ts";
import type { Event, Happening, ProgramRun } from "../timeline.ts";
import { judge } from "./judge.ts";
import { isAbout } from "./seen.ts";

const host = "sharedblock-host1";
const wipe = ["wipefs", "--all", "--", "/dev/mapper/mpatha"];
const words = "sharedblock add cluster-1 wwid=36b0 name=ps-1 wipe=true";
const at = "2026-11-29T02:00:00.000Z";
const ok = { stdout: "", stderr: "", exitCode: 0 };

/** What may differ in the story. */
interface Reported {
  readonly confirmedBy?: string | null;
  readonly plan?: string;
  /** A LUN that a person formats between the plan and the form. */
  readonly formats?: string;
  readonly runs?: number;
  readonly run?: Partial<ProgramRun>;
  readonly outcome?: Extract<AuditEvent, { kind: "finished" }>["outcome"];
  readonly state?: Operation["state"];
  readonly title?: string;
  readonly end?: string;
  readonly ended?: number;
  readonly logged?: boolean;
  readonly notified?: boolean;
  readonly buttonsStay?: boolean;
  readonly more?: readonly Happening[];
  readonly moreMessages?: readonly string[];
  readonly direct?: readonly string[];
  readonly said?: string;
}

/**
 * Alice adds a storage: one program wipes, and the end is posted. All promises hold, except for what `reported`
 * changes.
 */
function story(reported: Reported = {}): Evidence {
  const { confirmedBy = alice, runs = 1, outcome = { kind: "done", exitCode: 0 }, state = "done" } = reported;
  const log = logOf([
    { kind: "asked", words },
    { kind: "planned", words, digest: "d", risk: "destructive" },
    { kind: "confirmed", digest: "d" },
    ...((reported.logged ?? true)
      ? [
          { kind: "began", stepId: "step-1", host, effect: "destroy", argv: wipe } as const,
          { kind: "finished", stepId: "step-1", host, outcome } as const,
        ]
      : []),
    ...Array.from({ length: reported.ended ?? 1 }, () => ({ kind: "ended", state, result: "so it ended" }) as const),
  ]);
  const plan = messageOf(
    "1.1",
    `Add ps-1\nAsked by <@${alice}>: ${words}\n${reported.plan ?? wipe.join(" ")} on ${host}`,
    true,
  );
  const end = messageOf(
    "1.1",
    `${reported.title ?? `Add ps-1: ${state} (op-1)`}\nAsked by <@${alice}>: ${words}\n${reported.end ?? ""}`,
    reported.buttonsStay ?? false,
  );
  const action = { kind: "action", words, messageTs: "1.1" } as const;
  const run = {
    ...{ kind: "program" as const, host, argv: wipe, real: ok, answered: ok, changed: true },
    auditBytes: log[3]?.end ?? 0,
    ...reported.run,
  };
  const happenings: Happening[] = [
    { kind: "action", person: alice, does: "say", words, messageTs: null, confirms: false },
    { kind: "message", message: plan },
    ...(reported.formats === undefined ? [] : [{ kind: "written" as const, wwid: reported.formats }]),
    ...(confirmedBy === null ? [] : [{ ...action, person: confirmedBy, does: "submit" as const, confirms: true }]),
    ...Array.from({ length: runs }, () => run),
    ...(reported.more ?? []),
    { kind: "message", message: end },
  ];
  const others = (reported.moreMessages ?? []).map((text, index) => messageOf(`2.${index}`, text, false));
  return {
    events: happenings.map((happening, index): Event => ({ ...happening, seq: index + 1, atMs: 0 })),
    audit: log,
    auditFrom: 0,
    damage: [],
    isBroken: false,
    operations: [operationOf(state, reported.notified ?? true)],
    inventoryBefore: empty,
    inventory: empty,
    san: tutorialSan(),
    sanBefore: tutorialSan(),
    incidents: null,
    beganMs: 0,
    messages: [end, ...others],
    direct: (reported.direct ?? []).map((text, index) => ({ ...messageOf(`3.${index}`, text, false), onlyFor: alice })),
    said: reported.said ?? "Connected to Slack.\n",
    operators: [alice, bob],
    cast: "operators",
    kept: nothingKept,
  };
}

const nothingKept = keptFiles("", () => "");
const empty = { zones: [], clusters: [], hosts: [], primaryStorages: [], lastSanlockHostId: 0 };

function logOf(events: readonly AuditEvent[]): LoggedEntry[] {
  let end = 0;
  let previousHash = noHash;
  return events.map((event, index) => {
    const { entry, line } = auditLine({ id: index + 1, at, by: alice, operationId: "op-1", event, previousHash });
    end += Buffer.byteLength(line) + 1;
    previousHash = entry.hash;
    return { entry, end };
  });
}

function messageOf(ts: string, text: string, withButtons: boolean): PageMessage {
  const confirm = {
    type: "button",
    action_id: "confirm",
    value: "op-1 d.n",
    text: { type: "plain_text", text: "Confirm" },
  };
  return {
    ...{
      ts,
      threadTs: null,
      inChannelToo: false,
      author: "U0ZSTACK",
      text: "",
      files: [],
      edited: false,
      onlyFor: null,
    },
    blocks: [
      { type: "section", text: { type: "mrkdwn", text } },
      ...(withButtons ? [{ type: "actions", block_id: "decision", elements: [confirm] }] : []),
    ],
  };
}

const operationOf = (state: Operation["state"], notified: boolean): Operation =>
  ({
    ...{
      id: "op-1",
      words,
      title: "Add ps-1",
      askedBy: alice,
      askedAt: at,
      place: "",
      messageId: "1.1",
      digest: "d",
      nonce: "n",
    },
    ...{ form: null, shown: [], expiresAt: at, state, confirmedBy: alice, confirmedAt: at, finishedAt: at },
    ...{ result: "so it ended", notified, auditFrom: 0, auditTo: null },
  }) as unknown as Operation;

describe("the oracle", () => {
  it("finds nothing in a story in which all promises hold", () => {
    expect(judge(story())).toEqual([]);
  });

  const unknown = { kind: "unknown", reason: "no result of wipefs" } as const;
  const failed = { kind: "failed", exitCode: 5, stderr: "no" } as const;
  it.each<[what: string, reported: Reported, problem: RegExp]>([
    ["what nobody confirmed", { confirmedBy: null }, /nobody had confirmed .*wipefs/],
    ["what was confirmed by a person who may not", { confirmedBy: carol }, /nobody had confirmed .*wipefs/],
    ["what no plan named", { plan: "wipefs --all -- /dev/mapper/mpathb" }, /nobody had confirmed .*mpatha/],
    ["what was written since the plan was shown", { formats: "36b0" }, /ran .* on what was written after its plan/],
    ["what ran twice under one plan", { runs: 2 }, /ran once more than confirmed/],
    ["a change that is not in the log", { logged: false }, /changed something and is not in the log before it/],
    ["a change that came before its line in the log", { run: { auditBytes: 0 } }, /is not in the log before it/],
    ["a step reported as done that the host never ran", { runs: 0 }, /reported as done, and the host never ran it/],
    [
      "a step reported as done of which the host said no",
      { run: { answered: { ...ok, exitCode: 5 } } },
      /the host said 5/,
    ],
    ["a step reported as done, with an end that nobody saw", { run: { answered: null } }, /the host said nothing/],
    ["a failure that nobody saw", { outcome: failed, state: "failed", run: { answered: null } }, /nobody knows/],
    [
      "a step reported as refused that ran",
      { outcome: { kind: "refused", reason: "no" }, state: "refused" },
      /refused, and the host ran it/,
    ],
    [
      "a step reported as unknown that is known",
      { outcome: unknown, state: "unknown" },
      /the host had said that it was done/,
    ],
    [
      "an operation reported as done, with a step that is not",
      { outcome: failed, run: { answered: { ...ok, exitCode: 5 } } },
      /reported as done; .* is failed/,
    ],
    ["an end that is another in the log", { title: "Add ps-1: failed (op-1)" }, /is done, and the channel reads/],
    [
      "a beginning reported as nothing",
      { end: "No step was run: it was refused." },
      /had begun, and the channel reads that nothing was run/,
    ],
    [
      "words answered twice, once with nothing was changed",
      { moreMessages: [`LUN_IN_USE  LUN …a can't be added\nAsked by <@${alice}>: ${words}\nNothing was changed.`] },
      /1 operations began, and 1 × "nothing was changed"/,
    ],
    [
      "a command that runs after a full disk refused it",
      { moreMessages: [`DATA_NOT_WRITTEN The change did not begin\nAsked by <@${alice}>: ${words}`] },
      /a full disk refused it, and 1 plans of it were shown/,
    ],
    ["an end that is posted nowhere", { title: "Add ps-1: running (op-1)" }, /posted 0 times/],
    ["an end that is posted twice", { moreMessages: ["Add ps-1: done (op-1)"] }, /posted 2 times/],
    [
      "an end that a person is posted twice",
      { direct: ["Add ps-1: done (op-1)", "Add ps-1: done (op-1)"] },
      /posted again to U0ALICE01/,
    ],
    ["an end that the bot thinks is not posted", { notified: false }, /is not posted yet/],
    ["an operation that never ends", { state: "running", title: "Add ps-1: running (op-1)" }, /is running without end/],
    ["buttons under an end", { buttonsStay: true }, /still has its buttons/],
    ["an end that is not in the log", { ended: 0 }, /the log has no end of it/],
    ["two ends in the log", { ended: 2 }, /the log has 2 ends/],
    [
      "words that nobody answers",
      { more: [{ kind: "action", person: bob, does: "cancel", words: "x", messageTs: "9.9", confirms: false }] },
      /bob|U0BOB0001 cancel "x".* saw nothing come of it/,
    ],
    ["a message that waits without end", { moreMessages: ["Observing the hosts …"] }, /never changes/],
    ["a bug", { moreMessages: ["This is a bug of the bot (0a1b2c3d)"] }, /the channel reads: This is a bug/],
    ["an error that nobody caught", { said: "TypeError: x is not a function" }, /the bot's log reads/],
    ["a bot that ends", { more: [{ kind: "bot", what: "ended by itself", text: "exit code 1" }] }, /ended by itself/],
  ])("finds %s", (_what, reported, problem) => {
    expect(judge(story(reported))).toContainEqual(expect.stringMatching(problem));
  });

  it("counts an end once if its copy says that it may be one", () => {
    const copy = "Add ps-1: done (op-1)\nThis end may be here twice: the bot was stopped while it posted it";
    expect(judge(story({ moreMessages: [copy], direct: ["Add ps-1: done (op-1)"] }))).toEqual([]);
  });

  it("leaves out the plan of another data folder, which keeps its buttons", () => {
    const reported = story();
    const foreign = messageOf("5.1", "Add ps-2 (op-1)", true);
    const events = [...reported.events, { kind: "foreign plan" as const, ts: "5.1", seq: 99, atMs: 0 }];
    expect(judge({ ...reported, messages: [...reported.messages, foreign] })).toContainEqual(
      expect.stringContaining("still has its buttons"),
    );
    expect(judge({ ...reported, events, messages: [...reported.messages, foreign] })).toEqual([]);
  });

  it("finds an operation that was confirmed under the plan of another data folder", () => {
    const reported = story();
    const foreign = messageOf("5.1", "Add ps-2", true);
    const value = (block: { type: string }) =>
      block.type === "actions"
        ? { ...block, elements: [{ type: "button", action_id: "confirm", value: "op-1 e.m" }] }
        : block;
    const shown = { ...foreign, blocks: foreign.blocks.map(value) };
    const events = reported.events.flatMap((event): Event[] =>
      event.kind === "action" && event.does === "submit"
        ? [
            { kind: "message", message: shown, seq: event.seq, atMs: 0 },
            { ...event, messageTs: "5.1" },
          ]
        : [event],
    );
    expect(judge({ ...reported, events })).toContain(
      `op-1 is confirmed by ${alice}, who clicked no message with its plan`,
    );
    expect(judge(reported)).toEqual([]);
  });

  it("accepts what a terminal confirmed only if both the channel and the terminal showed it", () => {
    const reported = (channel: string, screen: string): Evidence => {
      const evidence = story({ plan: channel });
      const events = evidence.events.flatMap((event): Event[] =>
        event.kind === "action" && event.does === "submit"
          ? [
              { kind: "terminal", person: terminal, text: screen, seq: event.seq, atMs: 0 },
              { ...event, person: terminal },
            ]
          : [event],
      );
      const operations = evidence.operations.map((operation) => ({ ...operation, confirmedBy: terminal }));
      return { ...evidence, events, operations, operators: [alice, bob, terminal] };
    };
    const named = `${wipe.join(" ")} on ${host}`;
    expect(judge(reported(named, named))).toEqual([]);
    for (const evidence of [reported("6 steps", named), reported(named, "6 steps")])
      expect(judge(evidence)).toContainEqual(expect.stringMatching(/nobody had confirmed .*wipefs/));
  });

  it("knows which command a message is about, with any asker", () => {
    for (const asker of [`<@${alice}>`, "root (in a terminal)"]) {
      const message = messageOf("1.1", `Add ps-1\nAsked by ${asker}: ${words}`, false);
      expect(isAbout(message, words), asker).toBe(true);
      expect(isAbout(message, "lun list"), asker).toBe(false);
    }
  });

  it("finds a command that had an effect twice", () => {
    const reported = story();
    const [first] = reported.operations;
    if (first === undefined) throw new Error("no operation");
    const again = { ...first, id: "op-2", state: "planned" as const };
    expect(judge({ ...reported, operations: [first, again] })).toContainEqual(
      expect.stringContaining("was typed 1 times, and op-1, op-2 came of it"),
    );
  });

  it("finds an inventory that does not follow from the log", () => {
    const zone = { uuid: "0".repeat(32), name: "ZONE-1" };
    expect(judge({ ...story(), inventory: { ...empty, zones: [zone] } })).toContainEqual(
      expect.stringContaining("inventory.json is not what the log has recorded"),
    );
  });

  it("finds a storage with a LUN that is in no volume group", () => {
    const storage = {
      ...{ uuid: "1".repeat(32), name: "ps-1", description: "", zoneUuid: "0".repeat(32), state: "Enabled" as const },
      clusterUuids: [],
      sharedBlocks: [{ wwid: "36b083fe000daf018000015505abbe00a", sizeBytes: 1, addedAt: at, heldWhenClaimed: [] }],
    };
    const inventory = { ...empty, primaryStorages: [storage] };
    expect(judge({ ...story(), inventoryBefore: inventory, inventory })).toContainEqual(
      expect.stringContaining("its volume group is not on the array"),
    );
  });
});
