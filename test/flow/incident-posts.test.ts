import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Incident, IncidentEvent } from "../../src/core/incident.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import { plainLines } from "../../src/core/reply.ts";
import { ThreadGone } from "../../src/core/undelivered.ts";
import { IncidentPosts } from "../../src/flow/incident-posts.ts";
import { type Channel, type Message, messageNow } from "../../src/flow/ports.ts";
import { type Desk, emptyDesk } from "../../src/watch/desk-file.ts";
import type { OnCall } from "../../src/watch/on-call.ts";
import { sampleIncident } from "../watch/sample-incident.ts";

const START = Date.parse("2026-11-29T10:00:00.000Z");
const MINUTE = 60_000;

/** A channel that keeps what is posted, and the desk of one incident, in memory and in virtual time. */
class Posting {
  readonly posts: {
    readonly atMs: number;
    readonly place: string;
    readonly text: string;
    readonly inChannelToo: boolean;
  }[] = [];
  readonly revised: string[] = [];
  desk: Desk = emptyDesk;
  isDown = false;
  /** The message of the incident. */
  isDeleted = false;
  #posts: IncidentPosts;
  readonly #onCall: OnCall;

  constructor(onCall: OnCall) {
    this.#onCall = onCall;
    this.#posts = this.#begun();
  }

  #begun(): IncidentPosts {
    const at = (place: string): Channel => ({
      place,
      say: async (message, once) => {
        await once?.begins();
        if (this.isDown) {
          await once?.wasNotTaken();
          throw new Error("Slack is down");
        }
        if (this.isDeleted && place.includes(" ")) throw new ThreadGone("the channel C1", "thread_not_found", null);
        const { inChannelToo = false } = messageNow(message);
        this.posts.push({ atMs: Date.now() - START, place, text: textOf(messageNow(message)), inChannelToo });
        return "100.1";
      },
      revise: async (_, message) => void this.revised.push(textOf(message)),
      find: async () => null,
    });
    return new IncidentPosts({
      store: {
        desk: () => this.desk,
        update: async (change) => {
          const [next, result] = change(this.desk);
          this.desk = next;
          return result;
        },
      },
      channel: at("C1"),
      conversations: { at, inThread: (place, messageId) => at(`${place} ${messageId}`) },
      inventory: () => emptyInventory,
      clock: { now: () => new Date() },
      log: { info: () => undefined, error: () => undefined },
      key: "key",
      onCall: this.#onCall,
      note: async (_, { kind, text }) => this.adds({ kind, text, by: null }),
    });
  }

  /** As if the bot was killed and started again. */
  restarts(): void {
    void this.#posts.stop();
    this.#posts = this.#begun();
    this.#posts.update(["inc-1"]);
  }

  becomes(patch: Partial<Incident>): void {
    const [before = sampleIncident({ at: iso() })] = this.desk.incidents;
    this.desk = { ...this.desk, incidents: [{ ...before, ...patch }] };
    this.#posts.update(["inc-1"]);
  }

  adds(event: Omit<IncidentEvent, "at">, patch: Partial<Incident> = {}): void {
    const events = this.desk.incidents[0]?.events ?? [];
    this.becomes({ ...patch, events: [...events, { at: iso(), ...event }] });
  }

  async passes(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }
}

const iso = () => new Date().toISOString();
const textOf = ({ reply }: Message): string => [reply.title, ...plainLines(reply.parts)].join("\n");
const bot = { by: null } as const;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

const glass: Omit<IncidentEvent, "at"> = {
  ...{ kind: "break-glass" as const, by: "U1", text: "op-7 may run without a second person", ref: "op-7" },
};

describe("a break-glass", () => {
  const posted = (posting: Posting) => posting.posts.filter(({ text }) => text.includes("BREAK-GLASS"));

  it("is one post in the incident's thread, also if Slack was away and the bot was started again", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(2 * MINUTE);
    posting.isDown = true;
    posting.adds(glass);
    await posting.passes(MINUTE);
    expect(posted(posting)).toEqual([]);
    posting.restarts();
    await posting.passes(MINUTE);
    posting.isDown = false;
    await posting.passes(3 * MINUTE);
    posting.restarts();
    await posting.passes(3 * MINUTE);
    expect(posted(posting)).toHaveLength(1);
    expect(posted(posting)[0]).toMatchObject({
      place: "C1 100.1",
      text: expect.stringMatching(/^inc-1: BREAK-GLASS\n/),
    });
  });

  it("is in the thread also if the incident's own message could not be posted before", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.isDown = true;
    posting.becomes({});
    posting.adds({ ...bot, kind: "grew", text: "2 paths" });
    posting.adds(glass);
    await posting.passes(MINUTE);
    posting.isDown = false;
    await posting.passes(3 * MINUTE);
    expect(posting.posts.map(({ place }) => place)).toEqual(["C1", "C1 100.1"]);
    expect(posted(posting)).toHaveLength(1);
  });

  it("is posted at once, also just after another post", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(1_000);
    posting.adds(glass);
    await posting.passes(5_000);
    expect(posted(posting)).toHaveLength(1);
  });

  it("is posted while the incident is silenced or flaps", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    const until = new Date(START + 60 * MINUTE).toISOString();
    posting.becomes({ silenced: { by: "U1", until, reason: "repair", severity: "warning" } });
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "grew", text: "2 paths" });
    await posting.passes(2 * MINUTE);
    expect(posting.posts).toHaveLength(1);
    posting.adds({ ...bot, kind: "flapping", text: "" });
    posting.adds(glass);
    await posting.passes(2 * MINUTE);
    expect(posted(posting)).toHaveLength(1);
  });
});

describe("the posts of an incident", () => {
  it("are one message, and at most one post a minute in its thread, also of its end", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(1_000);
    for (let count = 0; count < 20; count++) {
      posting.adds({ ...bot, kind: "grew", text: `${count}` });
      await posting.passes(5_000);
    }
    posting.adds({ ...bot, kind: "resolved", text: "" }, { state: "resolved", resolvedAt: iso(), findings: [] });
    await posting.passes(10 * MINUTE);
    const times = posting.posts.map(({ atMs }) => atMs);
    expect(posting.posts[0]?.place).toBe("C1");
    expect(posting.posts.slice(1).every(({ place }) => place === "C1 100.1")).toBe(true);
    expect(times.slice(1).every((at, index) => at - (times[index] ?? 0) >= MINUTE)).toBe(true);
    expect(posting.posts.at(-1)?.text).toContain("inc-1: resolved");
    expect(posting.revised.at(-1)).toContain("Resolved");
    expect(posting.posts.length).toBe(3);
  });

  it("show an alert of another monitoring in the thread, with its source", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "alert", text: '"NodeNetwork" on host1 fires' });
    await posting.passes(2 * MINUTE);
    expect(posting.posts.map(({ place }) => place)).toEqual(["C1", "C1 100.1"]);
    expect(posting.posts.at(-1)?.text).toContain('alert of another monitoring: "NodeNetwork" on host1 fires');
  });

  it("begin again with a message if theirs was deleted, and not after the end", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(2 * MINUTE);
    posting.isDeleted = true;
    posting.adds({ ...bot, kind: "alert", text: '"NodeNetwork" on host1 fires' });
    await posting.passes(20 * MINUTE);
    expect(posting.posts.map(({ place }) => place)).toEqual(["C1", "C1"]);
    posting.isDeleted = false;
    posting.adds({ ...bot, kind: "alert", text: "again" });
    await posting.passes(2 * MINUTE);
    expect(posting.posts.map(({ place }) => place)).toEqual(["C1", "C1", "C1 100.1"]);
    posting.isDeleted = true;
    posting.adds({ ...bot, kind: "resolved", text: "" }, { state: "resolved", resolvedAt: iso() });
    await posting.passes(20 * MINUTE);
    expect(posting.posts).toHaveLength(3);
    expect(posting.desk.posts[0]?.threadPost).toBeUndefined();
    expect(posting.revised.at(-1)).toContain("Resolved");
  });

  it("end with the resolve: a note after it is in the message and the report only", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "resolved", text: "" }, { state: "resolved", resolvedAt: iso() });
    await posting.passes(2 * MINUTE);
    const count = posting.posts.length;
    posting.adds({ by: "U1", kind: "note", text: "the switch" });
    await posting.passes(20 * MINUTE);
    expect(posting.posts.length).toBe(count);
  });

  it("stop while it is silenced, and begin again if it gets worse", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(2 * MINUTE);
    const until = new Date(Date.now() + 60 * MINUTE).toISOString();
    posting.becomes({ silenced: { by: "U1", until, reason: "repair", severity: "warning" } });
    posting.adds({ ...bot, kind: "grew", text: "more" });
    await posting.passes(30 * MINUTE);
    expect(posting.posts.length).toBe(1);
    posting.adds({ ...bot, kind: "worse", text: "no path left" }, { severity: "critical" });
    await posting.passes(1_000);
    expect(posting.posts.length).toBe(2);
  });

  it("of what happened in a silence come together after it", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(2 * MINUTE);
    const until = new Date(Date.now() + 60 * MINUTE).toISOString();
    posting.becomes({ silenced: { by: "U1", until, reason: "repair", severity: "warning" } });
    posting.adds({ ...bot, kind: "grew", text: "first" });
    posting.adds({ ...bot, kind: "shrank", text: "second" });
    await posting.passes(61 * MINUTE);
    expect(posting.posts.length).toBe(2);
    expect(posting.posts[1]?.text).toMatch(/first[\s\S]*second/);
  });

  it("mention who is on call at once and twice again, then escalate once, until it is acknowledged", async () => {
    const posting = new Posting({ onCall: ["U1", "S1"], escalateTo: ["U9"] });
    posting.becomes({ severity: "critical" });
    await posting.passes(40 * MINUTE);
    expect(posting.posts.map(({ atMs }) => Math.round(atMs / MINUTE))).toEqual([0, 5, 10, 15]);
    expect(posting.posts[0]?.text).toContain("Called: @U1 @S1");
    expect(posting.posts[1]?.text).toContain("@U1 @S1 inc-1 is critical");
    expect(posting.posts[3]?.text).toContain("@U9 inc-1 is critical");
  });

  const calls = (posting: Posting) =>
    posting.posts.flatMap(({ atMs, text }) => {
      const whom = /@(U[19])\b/.exec(text)?.[1];
      return whom === undefined ? [] : [`${Math.round(atMs / MINUTE)} ${whom}`];
    });

  it("mention and escalate again if it comes back after the escalation", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: ["U9"] });
    posting.becomes({ severity: "critical" });
    await posting.passes(20 * MINUTE);
    posting.adds({ ...bot, kind: "resolved", text: "" }, { state: "resolved", resolvedAt: iso() });
    await posting.passes(5 * MINUTE);
    posting.adds({ ...bot, kind: "back", text: "no path left again" }, { state: "open", resolvedAt: null });
    await posting.passes(60 * MINUTE);
    expect(calls(posting)).toEqual(["0 U1", "5 U1", "10 U1", "15 U9", "25 U1", "30 U1", "35 U1", "40 U9"]);
  });

  it("escalate 5 minutes after it came back if nobody else is on call", async () => {
    const posting = new Posting({ onCall: [], escalateTo: ["U9"] });
    posting.becomes({ severity: "critical" });
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "resolved", text: "" }, { state: "resolved", resolvedAt: iso() });
    await posting.passes(6 * MINUTE);
    posting.adds({ ...bot, kind: "back", text: "no path left again" }, { state: "open", resolvedAt: null });
    await posting.passes(60 * MINUTE);
    expect(calls(posting)).toEqual(["13 U9"]);
  });

  it("mention again if it gets worse later, and not each time if it wavers", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: ["U9"] });
    posting.becomes({ severity: "critical" });
    await posting.passes(20 * MINUTE);
    posting.adds({ ...bot, kind: "better", text: "1 path" }, { severity: "warning" });
    await posting.passes(10 * MINUTE);
    for (let count = 0; count < 5; count++) {
      posting.adds({ ...bot, kind: "worse", text: "no path left" }, { severity: "critical" });
      await posting.passes(MINUTE);
      posting.adds({ ...bot, kind: "better", text: "1 path" }, { severity: "warning" });
      await posting.passes(MINUTE);
    }
    expect(calls(posting).slice(4)).toEqual(["30 U1", "32 U1", "34 U1", "39 U9"]);
  });

  it("mention from the first time that it flaps, and not each time", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: ["U9"] });
    posting.becomes({ severity: "critical" });
    await posting.passes(20 * MINUTE);
    for (let count = 3; count < 9; count++) {
      posting.adds({ ...bot, kind: "quiet", text: "" }, { state: "quiet" });
      await posting.passes(MINUTE);
      const backAt = Array.from({ length: count }, iso);
      posting.adds({ ...bot, kind: "flapping", text: `back ${count} times` }, { state: "open", backAt });
      await posting.passes(MINUTE);
    }
    await posting.passes(30 * MINUTE);
    expect(calls(posting).slice(4)).toEqual(["21 U1", "26 U1", "31 U1", "36 U9"]);
  });

  it("mention nobody again after it is acknowledged", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: ["U9"] });
    posting.becomes({ severity: "critical" });
    await posting.passes(6 * MINUTE);
    posting.adds({ by: "U1", kind: "acknowledged", text: "" }, { acknowledged: { by: "U1", at: iso() } });
    await posting.passes(30 * MINUTE);
    expect(posting.posts.filter(({ text }) => text.includes("is critical")).length).toBe(1);
    expect(posting.revised.at(-1)).toContain("Acknowledged by @U1");
  });

  it("are not repeated after a restart, and none is lost while Slack is down", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: [] });
    posting.becomes({ severity: "critical" });
    await posting.passes(2 * MINUTE);
    posting.isDown = true;
    posting.adds({ ...bot, kind: "grew", text: "more paths" });
    await posting.passes(1_000);
    posting.restarts();
    await posting.passes(1_000);
    expect(posting.posts.length).toBe(1);
    posting.isDown = false;
    await posting.passes(2 * MINUTE);
    posting.restarts();
    await posting.passes(MINUTE);
    expect(posting.posts.filter(({ text }) => text.includes("more paths")).length).toBe(1);
  });

  it("say once that it is flapping, and then only the message counts its returns", async () => {
    const posting = new Posting({ onCall: [], escalateTo: [] });
    posting.becomes({});
    await posting.passes(2 * MINUTE);
    for (let count = 3; count < 9; count++) {
      const backAt = Array.from({ length: count }, iso);
      posting.adds({ ...bot, kind: "flapping", text: `back ${count} times` }, { state: "open", backAt });
      await posting.passes(2 * MINUTE);
      posting.adds({ ...bot, kind: "resolved", text: "" }, { state: "resolved", resolvedAt: iso() });
      await posting.passes(2 * MINUTE);
    }
    expect(posting.posts.length).toBe(2);
    expect(posting.posts[1]?.text).toContain("back 3 times");
    expect(posting.revised.at(-1)).toContain("Flapping, back 8 times in 10 minutes");
  });

  const inChannel = (posting: Posting) =>
    posting.posts.filter(({ place, inChannelToo }) => place === "C1" || inChannelToo).map(({ text }) => text);
  const critical = (count: number): Pick<Incident, "severity" | "findings"> => {
    const [first] = sampleIncident({ at: iso() }).findings;
    const findings = Array.from({ length: count }, (_, index) =>
      first
        ? [
            {
              ...first,
              key: `map without paths ${index}`,
              kind: "map without paths" as const,
              severity: "critical" as const,
            },
          ]
        : [],
    );
    return { severity: "critical", findings: findings.flat() };
  };

  it("are in the channel too if a warning becomes critical, and call who is on call", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: [] });
    posting.becomes({});
    await posting.passes(30 * MINUTE);
    posting.adds({ ...bot, kind: "grew", text: "one more path" });
    await posting.passes(2 * MINUTE);
    expect(inChannel(posting).length).toBe(1);
    posting.adds({ ...bot, kind: "worse", text: "no path left" }, critical(1));
    await posting.passes(1_000);
    expect(inChannel(posting).slice(1)).toEqual([expect.stringMatching(/@U1 inc-1 is critical[\s\S]*no path left/)]);
  });

  it("are in the channel too if Slack was down or the bot was killed since then, with the call", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: [] });
    posting.becomes({});
    await posting.passes(30 * MINUTE);
    posting.isDown = true;
    posting.adds({ ...bot, kind: "worse", text: "no path left" }, critical(1));
    await posting.passes(1_000);
    posting.restarts();
    await posting.passes(1_000);
    posting.isDown = false;
    await posting.passes(2 * MINUTE);
    expect(inChannel(posting).slice(1)).toEqual([expect.stringMatching(/@U1 inc-1 is critical[\s\S]*no path left/)]);
  });

  it("are in the channel too if a critical one grows much or comes back, and call who acknowledged it", async () => {
    const posting = new Posting({ onCall: ["U1"], escalateTo: [] });
    posting.becomes(critical(2));
    await posting.passes(2 * MINUTE);
    posting.adds({ by: "U2", kind: "acknowledged", text: "" }, { acknowledged: { by: "U2", at: iso() } });
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "grew", text: "three" }, critical(3));
    await posting.passes(2 * MINUTE);
    expect(inChannel(posting).length).toBe(1);
    posting.adds({ ...bot, kind: "grew", text: "four" }, critical(4));
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "grew", text: "five" }, critical(5));
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "resolved", text: "" }, { state: "resolved", resolvedAt: iso() });
    await posting.passes(2 * MINUTE);
    posting.adds({ ...bot, kind: "back", text: "no path left again" }, { state: "open", resolvedAt: null });
    await posting.passes(2 * MINUTE);
    const calls = ["four", "no path left again"];
    expect(inChannel(posting).slice(1)).toEqual(
      calls.map((text) => expect.stringMatching(new RegExp(`@U2 inc-1 is critical now[\\s\\S]*${text}`))),
    );
  });
});
