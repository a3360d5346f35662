import { describe, expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import type { Facts } from "../../src/core/facts.ts";
import type { Incident } from "../../src/core/incident.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import { operatorError, reason } from "../../src/core/refusal.ts";
import { plainLines, type Reply, wordsOf } from "../../src/core/reply.ts";
import type { Acting } from "../../src/core/watch-facts.ts";
import { whyNotReached } from "../../src/flow/reach.ts";
import { understand } from "../../src/language/understand.ts";
import { withEvent } from "../../src/watch/event-log.ts";
import {
  acknowledgeIncident,
  assignIncident,
  noteOnIncident,
  resolveIncident,
  silenceIncident,
} from "../../src/watch/incident-acts.ts";
import { incidentListReply } from "../../src/watch/incident-list.ts";
import { incidentReply } from "../../src/watch/incident-reply.ts";
import { incidentReportReply } from "../../src/watch/incident-report.ts";
import { incidentShowReply } from "../../src/watch/incident-show.ts";
import { nextCall } from "../../src/watch/on-call.ts";
import { eventsToPost } from "../../src/watch/thread-events.ts";
import { defaultPolicies, noAccess, noApprovals, permissionOf } from "../support/permission.ts";
import { sampleIncident } from "./sample-incident.ts";

const noActs = { access: noAccess, policies: defaultPolicies, approvals: noApprovals };
const NOW = Date.parse("2026-11-29T12:00:00.000Z");
const MINUTE = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const textOf = ({ title, parts }: Reply): string => [title, ...plainLines(parts)].join("\n");

/** The incidents of a watch in memory, and the time. */
class Kept {
  incident: Incident = sampleIncident({ at: iso(NOW), events: [] });
  nowMs = NOW;
  troubles: readonly string[] = [];

  get facts(): Facts {
    const watch = {
      incidents: () => (this.incident.posted === undefined ? [this.incident] : []),
      incident: async (id: string) => (id === this.incident.id ? this.incident : null),
      archived: async function* () {},
      placeOf: () => null,
    };
    return {
      inventory: emptyInventory,
      now: () => this.nowMs,
      watch,
      operations: async () => [],
    } as unknown as Facts;
  }
  as(by: string): Acting {
    const revise = async (id: string, change: (incident: Incident) => Incident) => {
      if (id !== this.incident.id) return null;
      this.incident = change(this.incident);
      return this.incident;
    };
    const whyNotReached = async () => this.troubles;
    const acting = { by, notes: { revise }, whyNotReached, replaces: () => undefined, oncePosted: () => undefined };
    return { ...noActs, ...acting } as unknown as Acting;
  }
}

describe("incident ack", () => {
  it("by two people at once is the first one's, and says so to the second", async () => {
    const kept = new Kept();
    const replies = await Promise.all(
      ["U1", "U2"].map((by) => acknowledgeIncident({ id: "inc-1" }, kept.facts, kept.as(by))),
    );
    expect(replies.map(textOf).map((text) => text.split("\n").slice(0, 2).join(" "))).toEqual([
      "inc-1: acknowledged Path sdc of LUN …bbe00a on host1 through 10.0.0.2:3260: failed faulty.",
      "inc-1: acknowledged already by @U1 at 2026-11-29 12:00:00 UTC",
    ]);
    expect(kept.incident.acknowledged?.by).toBe("U1");
    expect(kept.incident.events).toMatchObject([{ kind: "acknowledged", by: "U1" }]);
  });

  it("of a warning does not count when it becomes critical: people are called, and it can be acknowledged again", async () => {
    const kept = new Kept();
    const onCall = { onCall: ["S1"], escalateTo: [] };
    const buttons = () => incidentReply(kept.incident, emptyInventory, kept.nowMs, onCall).next.map(wordsOf);
    await acknowledgeIncident({ id: "inc-1" }, kept.facts, kept.as("U1"));
    expect(buttons()).not.toContain("incident ack inc-1");
    kept.nowMs += MINUTE;
    kept.incident = { ...kept.incident, severity: "critical", worstSeverity: "critical" };
    expect(nextCall(kept.incident, onCall, kept.nowMs)).toMatchObject({ kind: "mentioned", whom: ["S1"] });
    expect(buttons()).toContain("incident ack inc-1");
    await acknowledgeIncident({ id: "inc-1" }, kept.facts, kept.as("U2"));
    expect([kept.incident.acknowledged?.by, nextCall(kept.incident, onCall, kept.nowMs)]).toEqual(["U2", null]);
    kept.incident = { ...kept.incident, severity: "warning" };
    expect(buttons()).not.toContain("incident ack inc-1");
  });

  it("is not needed for a call if nobody is on call: growth after the escalation calls those of the escalation again", () => {
    const onCall = { onCall: [], escalateTo: ["S2"] };
    const at = iso(NOW);
    const critical: Incident = { ...new Kept().incident, severity: "critical", openedAt: at };
    const escalated: Incident = { ...critical, events: [{ at, kind: "escalated", by: null, text: "" }] };
    const nowMs = NOW + MINUTE;
    expect(nextCall(critical, onCall, nowMs, true)).toMatchObject({ kind: "escalated", dueMs: NOW + 5 * MINUTE });
    expect(nextCall(escalated, onCall, nowMs, false)).toBeNull();
    expect(nextCall(escalated, onCall, nowMs, true)).toEqual({ kind: "escalated", dueMs: nowMs, whom: ["S2"] });
    expect(nextCall(escalated, { onCall: [], escalateTo: [] }, nowMs, true)).toBeNull();
  });

  it.each([
    ["ack", (kept: Kept) => acknowledgeIncident({ id: "inc-9" }, kept.facts, kept.as("U1"))],
    ["assign", (kept: Kept) => assignIncident({ id: "inc-9", to: "me" }, kept.facts, kept.as("U1"))],
    ["silence", (kept: Kept) => silenceIncident({ id: "inc-9", for: MINUTE, reason: "x" }, kept.facts, kept.as("U1"))],
    ["note", (kept: Kept) => noteOnIncident({ id: "inc-9", text: "x" }, kept.facts, kept.as("U1"))],
    ["resolve", (kept: Kept) => resolveIncident({ id: "inc-9", reason: "x" }, kept.facts, kept.as("U1"))],
    ["show", (kept: Kept) => incidentShowReply({ id: "inc-9" }, kept.facts)],
    ["report", (kept: Kept) => incidentReportReply({ id: "inc-9" }, kept.facts)],
  ])("or another command (%s) of an unknown incident names the id and where to read ids", async (_, act) => {
    await expect(act(new Kept())).rejects.toMatchObject({
      error: { code: "NOT_FOUND", reasons: ["there is no incident inc-9"], next: ["incident list"] },
    });
  });
});

describe("incident assign", () => {
  const outside = operatorError("no", reason("NOT_IN_CHANNEL", "outside", "join"));
  const unknown = operatorError("no", reason("MEMBERSHIP_UNKNOWN", "no answer", "wait"));
  const forbidden = operatorError("no", reason("ROLE_MISSING", "not one", "ask"));
  it.each([
    ["in the channel, and may act", null, null, []],
    ["of whom Slack does not say it", unknown, null, []],
    ["outside the channels", outside, null, [/in none of the bot's channels/]],
    ["who may only read", null, forbidden, [/is no operator/]],
    ["outside who may do nothing", outside, forbidden, [/in none of the bot's channels/, /is no operator/]],
  ])("says what keeps a person from it: one %s", async (_, noReader, noChange, expected) => {
    const found = await whyNotReached("U2", {
      whyNoReader: async () => noReader,
      permission: permissionOf(() => noChange),
    });
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    const kept = new Kept();
    kept.troubles = found;
    const reply = textOf(await assignIncident({ id: "inc-1", to: "U2" }, kept.facts, kept.as("U1")));
    for (const trouble of found) expect(reply).toContain(trouble);
    expect(reply).toContain("inc-1: assigned\nto @U2.");
    expect(kept.incident.assigned).toBe("U2");
  });
});

describe("incident silence", () => {
  it("is shown until it ends, and no longer", async () => {
    const kept = new Kept();
    const shown = () => textOf(incidentReply(kept.incident, emptyInventory, kept.nowMs));
    await silenceIncident({ id: "inc-1", for: 30 * MINUTE, reason: "repair" }, kept.facts, kept.as("U1"));
    expect(shown()).toContain("Silenced until 2026-11-29 12:30:00 UTC by @U1: repair");
    kept.nowMs += 30 * MINUTE;
    expect(shown()).not.toContain("Silenced");
  });

  it("ends if it gets worse, also in the message", async () => {
    const kept = new Kept();
    await silenceIncident({ id: "inc-1", for: 30 * MINUTE, reason: "repair" }, kept.facts, kept.as("U1"));
    kept.incident = { ...kept.incident, severity: "critical" };
    expect(textOf(incidentReply(kept.incident, emptyInventory, kept.nowMs))).not.toContain("Silenced");
  });
});

describe("incident note", () => {
  it("is also for an archived incident: a review comes later", async () => {
    const kept = new Kept();
    const posted = { place: "C1", messageId: "100.1" };
    kept.incident = { ...kept.incident, state: "resolved", resolvedAt: iso(NOW), posted };
    await noteOnIncident({ id: "inc-1", text: "the cable was old" }, kept.facts, kept.as("U1"));
    const { files = [], thread } = await incidentReportReply({ id: "inc-1" }, kept.facts);
    expect(thread).toEqual(posted);
    expect(files[0]?.content).toContain("note: the cable was old | U1");
  });

  it("is the same text in a report: no markup, no line end, no invisible character", async () => {
    const kept = new Kept();
    const text = "<!channel> *b* |x|\n# h `c` [l](http://x) \u202e\u0007\u200b &amp;";
    await noteOnIncident({ id: "inc-1", text }, kept.facts, kept.as("U1"));
    const { files = [] } = await incidentReportReply({ id: "inc-1" }, kept.facts);
    const [line = ""] = (files[0]?.content ?? "")
      .toString()
      .split("\n")
      .filter((each) => each.includes("note:"));
    expect(line).toBe(
      "| 2026-11-29 12:00:00 | note: &lt;!channel\\> \\*b\\* \\|x\\| \\# h \\`c\\` \\[l\\](http://x) \\\\u202e\\\\u0007\\\\u200b &amp;amp; | U1 |",
    );
  });

  it.each([
    ["inc-7 set rr_weight=priorities in multipath.conf", "set rr_weight=priorities in multipath.conf"],
    ["inc-7 it's the 5\" disk, see http://x/?a=b", "it's the 5\" disk, see http://x/?a=b"],
    ['inc-7 text="a = b"', "a = b"],
    ["7 ok", "ok"],
  ])("takes all words that follow as its text, also with = in them: %s", (typed, text) => {
    expect(understand(`incident note ${typed}`, commands)).toMatchObject({
      kind: "command",
      args: { id: "inc-7", text },
    });
  });

  it.each([
    ["an unknown key", "inc-7 txt=hello", "There is no txt= here"],
    ["2,400 characters", `inc-7 ${"x y ".repeat(600)}`, "has more than 2,000 characters"],
    ["10,000 characters", `inc-7 ${"x".repeat(10_000)}`, "a command has at most 8000"],
    ["a bell", "inc-7 a\u0007b", "a control character (U+0007)"],
    ["another writing direction", "inc-7 a\u202eb", "a control character (U+202E)"],
    ["an id that is none", "inc-x hello", "is not an incident"],
  ])("is refused with its reason: %s", (_, typed, why) => {
    const understood = understand(`incident note ${typed}`, commands);
    if (understood.kind !== "misunderstood") throw new Error(understood.kind);
    expect(textOf(understood.reply)).toContain(why);
  });

  it("is refused after 1,000 of one incident; other commands are not", async () => {
    const kept = new Kept();
    const note = () => noteOnIncident({ id: "inc-1", text: "again" }, kept.facts, kept.as("U1"));
    for (let count = 0; count < 1_000; count++) await note();
    await expect(note()).rejects.toMatchObject({ error: { code: "NOTES_FULL" } });
    await acknowledgeIncident({ id: "inc-1" }, kept.facts, kept.as("U1"));
    expect(kept.incident.events.at(-1)?.kind).toBe("acknowledged");
  });
});

describe("incident report", () => {
  it("of 10,000 observations has the first and the latest, and all that people did", async () => {
    const kept = new Kept();
    for (let count = 0; count < 10_000; count++) {
      const event = { at: iso(NOW + count), by: null, kind: "grew", text: `change ${count}` } as const;
      kept.incident = withEvent(kept.incident, event);
      if (count % 1_000 === 400) {
        kept.nowMs = NOW + count;
        await noteOnIncident({ id: "inc-1", text: `note ${count}` }, kept.facts, kept.as("U1"));
      }
    }
    expect(kept.incident).toMatchObject({ omittedEvents: 9_500, events: { length: 510 } });
    const { files = [] } = await incidentReportReply({ id: "inc-1" }, kept.facts);
    const text = String(files[0]?.content);
    for (const each of ["change 0 ", "change 249 ", "change 9999 ", "note 400 ", "note 5400 ", "9500 events"])
      expect(text).toContain(each);
    // What is in the thread already is not posted again, also after events in the middle have left.
    expect(eventsToPost(kept.incident, 10_009).map((event) => event.text)).toEqual(["change 9999"]);
    expect(eventsToPost(kept.incident, 10_010)).toEqual([]);
  });
});

describe("incident list open", () => {
  it("shows all that are open, also with since=", async () => {
    const kept = new Kept();
    kept.nowMs += 24 * 60 * MINUTE;
    expect((await incidentListReply({ which: "open", since: "1h" }, kept.facts)).title).toBe("1 open incident");
    kept.incident = { ...kept.incident, state: "resolved", resolvedAt: iso(kept.nowMs) };
    expect((await incidentListReply({ which: "open", since: "1h" }, kept.facts)).title).toBe("No open incident");
    expect((await incidentListReply({ which: "all", since: "1h" }, kept.facts)).title).toBe("1 incident");
  });
});
