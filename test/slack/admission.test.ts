import { describe, expect, it } from "vitest";
import type { Membership } from "../../src/core/access-facts.ts";
import { Admission } from "../../src/slack/admission.ts";
import { errorSaying } from "../support/errors.ts";

const slackError = (error: string) => Object.assign(new Error(error), { data: { ok: false, error } });
const never = () => new Promise<Membership>(() => undefined);

describe("with CHANNELS", () => {
  it("commands are taken in these channels only; Slack is not asked", async () => {
    const admission = new Admission(["C1", "C2"], () => Promise.reject(new Error("not asked")));
    expect(await admission.to("C1", null)).toEqual({ kind: "all" });
    expect(await admission.to("C3", null)).toMatchObject({ kind: "nothing", why: errorSaying("C1, C2") });
    expect(await admission.to("D1", "directmessage")).toMatchObject({ kind: "nothing" });
  });
});

describe("without CHANNELS", () => {
  it.each([
    ["member", { kind: "all" }],
    ["none", { kind: "nothing", why: errorSaying("/invite @zstack") }],
    ["direct", { kind: "questions only", why: errorSaying("direct message") }],
  ] as const)("of %s", async (membership, admitted) => {
    expect(await new Admission([], async () => membership).to("C1", null)).toEqual(admitted);
  });

  it.each([
    ["D1", null],
    ["D1", "directmessage"],
    ["C1", "mpdm-alice--bob--zstack-1"],
  ])("a direct message is known without asking Slack: %s %s", async (channel, name) => {
    const admission = new Admission([], () => Promise.reject(new Error("not asked")));
    expect(await admission.to(channel, name)).toMatchObject({ kind: "questions only" });
  });

  it.each([
    [slackError("channel_not_found"), "nothing", "/invite"],
    [slackError("missing_scope"), "questions only", "channels:read and groups:read"],
    [slackError("internal_error"), "questions only", "(internal_error)"],
    [new Error("connect ECONNREFUSED"), "questions only", "ECONNREFUSED"],
  ])("another answer of Slack is no membership: %s", async (error, kind, why) => {
    const admission = new Admission([], () => Promise.reject(error));
    expect(await admission.to("C1", null)).toMatchObject({ kind, why: errorSaying(why) });
  });

  it("no answer in time is no membership, and Slack is not asked a second time until then", async () => {
    let asked = 0;
    const admission = new Admission([], () => {
      asked += 1;
      return never();
    });
    const both = [admission.to("C1", null, { withinMs: 20 }), admission.to("C1", null, { withinMs: 20 })];
    for (const each of await Promise.all(both)) {
      expect(each).toMatchObject({ kind: "questions only", why: errorSaying("no answer within") });
    }
    expect(asked).toBe(1);
  });

  it("a confirmation asks Slack again: a channel that the bot was just removed from does not count", async () => {
    let membership: Membership = "member";
    const admission = new Admission([], async () => membership);
    expect(await admission.to("C1", null)).toEqual({ kind: "all" });
    membership = "none";
    expect(await admission.to("C1", null)).toEqual({ kind: "all" });
    expect(await admission.to("C1", null, { again: true })).toMatchObject({ kind: "nothing" });
    expect(await admission.to("C1", null)).toMatchObject({ kind: "nothing" });
  });

  it.each([
    ["no answer", never],
    ["an answer that passes by itself", () => Promise.reject(slackError("internal_error"))],
  ])("a confirmation that gets %s uses the kept answer, if it is still valid", async (_, ask) => {
    let membership: () => Promise<Membership> = async () => "member";
    const admission = new Admission([], () => membership());
    expect(await admission.to("C1", null)).toEqual({ kind: "all" });
    membership = ask;
    expect(await admission.to("C1", null, { again: true, withinMs: 20 })).toEqual({ kind: "all" });
    expect(await admission.to("C1", null, { withinMs: 20 })).toEqual({ kind: "all" });
    expect(await admission.to("C2", null, { again: true, withinMs: 20 })).toMatchObject({ kind: "questions only" });
  });

  it("Slack is asked about a member once a minute, and the answers of 1,000 channels are not all kept", async () => {
    const asked: string[] = [];
    const admission = new Admission([], async (channel) => {
      asked.push(channel);
      return "member";
    });
    for (let number = 0; number < 100; number++) await admission.to("C0", null);
    expect(asked).toEqual(["C0"]);
    for (let number = 1; number <= 1_000; number++) await admission.to(`C${number}`, null);
    await admission.to("C0", null);
    expect(asked.filter((channel) => channel === "C0")).toHaveLength(2);
  });
});
