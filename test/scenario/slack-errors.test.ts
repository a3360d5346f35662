import { afterEach, beforeEach, describe, expect } from "vitest";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { decisionsIn, textIn } from "./message-text.ts";
import { alice, Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(240_000);
const WAIT_MS = patient(60_000);
const channel = "C0STORAGE";
const direct = "D0ALICE01";
const error = (code: string): FaultyAnswer => ({ kind: "error", code });
const body = (text: string): FaultyAnswer => ({ kind: "body", text });

describe("Slack: any answer to an end", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let adds = 0;
  beforeEach(async () => {
    story = await Story.begin();
    adds = 0;
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  const isEnd = ({ text }: Readonly<Record<string, unknown>>) => /: done \(op-\d+\)/.test(String(text));
  const notified = (place: string) =>
    story.workspace.messagesIn(place).filter((message) => textIn(message).includes(`: done (op-${adds})`));
  const isNotified = (place: string) => until(() => notified(place)[0], WAIT_MS);
  const isRecorded = () =>
    until(() => (story.bot.world.operations.get(`op-${adds}`)?.notified === true ? true : undefined), WAIT_MS);
  const addsZone = () => {
    adds += 1;
    return story.says(`/zstack zone add ZONE-${adds + 1}`);
  };
  const nothingFalse = () => {
    const claims = [...story.messages, ...story.workspace.messagesIn(direct)].map(textIn).join("\n");
    expect(claims).not.toMatch(/nothing was (changed|run)|No step was run|Refused|bug of the bot/i);
    expect(story.logged.join("\n")).not.toMatch(/\bbug [0-9a-f]{8}\b/);
  };

  it("is in a new message if its own can't be changed any more", async () => {
    for (const code of ["message_not_found", "cant_update_message", "edit_window_closed", "cant_broadcast_message"]) {
      story.workspace.slackFaults.calls("chat.update", { answer: error(code), when: isEnd });
      await addsZone();
      expect(await isNotified(channel), code).toBeDefined();
      expect(await isRecorded(), code).toBe(true);
      expect(notified(channel), code).toHaveLength(1);
      expect(notified(direct), code).toEqual([]);
      story.workspace.slackFaults.well();
    }
    nothingFalse();
  });

  const away: [code: string, advice: RegExp][] = [
    ["channel_is_archived", /unarchive the channel/],
    ["restricted_action", /a channel manager/],
    ["channel_is_limited_access", /a channel manager/],
  ];
  it("goes to the asker with the fix if the channel accepts nothing, and then to its place", async () => {
    story.workspace.slackFaults.calls("response_url", { answer: { kind: "http", status: 404 } });
    for (const [code, advice] of away) {
      story.workspace.slackFaults.calls("chat.update", { answer: error(code), when: isEnd });
      await addsZone();
      const elsewhere = await isNotified(direct);
      expect(elsewhere && textIn(elsewhere), code).toMatch(advice);
      expect(elsewhere && textIn(elsewhere), code).not.toContain("/invite");
      story.workspace.slackFaults.well("chat.update");
      expect(await isRecorded(), code).toBe(true);
      expect(
        [notified(channel), notified(direct)].map(({ length }) => length),
        code,
      ).toEqual([1, 1]);
    }
    nothingFalse();
  });

  it("is kept while no place accepts anything, and the log names the fix", async () => {
    const cases: [code: string, fix: RegExp][] = [
      ["account_inactive", /SLACK_BOT_TOKEN/],
      ["token_expired", /SLACK_BOT_TOKEN/],
      ["not_allowed_token_type", /SLACK_BOT_TOKEN/],
      ["team_access_not_granted", /ask an administrator/],
    ];
    for (const [code, fix] of cases) {
      story.workspace.slackFaults.calls("*", { answer: error(code), when: isEnd });
      await addsZone();
      const line = await until(() => story.logged.find((each) => each.startsWith(`op-${adds} `)), WAIT_MS);
      expect(line, code).toMatch(/ended done/);
      expect(line, code).toMatch(fix);
      story.workspace.slackFaults.well();
      expect(await isRecorded(), code).toBe(true);
      expect(notified(channel), code).toHaveLength(1);
    }
    nothingFalse();
  });

  it("counts as posted only with an answer from Slack itself", async () => {
    const answers: [title: string, answer: FaultyAnswer][] = [
      ["an empty body", body("")],
      ["ok in quotes", body('{"ok":"true"}')],
      ["null", body("null")],
      ["a list", body("[]")],
      ["no ok", body("{}")],
      ["a body without end", body(`{"ok":true,"x":"${"x".repeat(20_000_000)}"}`)],
    ];
    for (const [title, answer] of answers) {
      story.workspace.slackFaults.calls("chat.update", { answer, when: isEnd, times: 2 });
      await addsZone();
      expect(await isNotified(channel), title).toBeDefined();
      expect(await isRecorded(), title).toBe(true);
      expect(notified(channel), title).toHaveLength(1);
      story.workspace.slackFaults.well();
    }
    nothingFalse();
  });

  it("a form with a lost answer to its opening is open, and confirms", async () => {
    for (const answer of [error("internal_error"), { kind: "broken" } as const, body("")]) {
      story.workspace.slackFaults.calls("views.open", { answer, effect: "after", times: 1 });
      await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-${adds++}`);
      await story.shows("Add ps-");
      await story.clicks("Confirm");
      const view = await until(() => story.workspace.state().views.find(({ person }) => person === alice), WAIT_MS);
      expect(view).toBeDefined();
      await story.workspace.close({ person: alice, viewId: view?.id ?? "" });
      await story.clicks("Cancel");
      await story.shows(": cancelled");
    }
    const claims = story.messages.filter(({ onlyFor }) => onlyFor !== null).map(textIn);
    expect(claims).toEqual([]);
    expect(story.messages.flatMap(decisionsIn)).toEqual([]);
  });

  it("a click with a form that can't be opened says so, and its plan still waits", async () => {
    story.workspace.slackFaults.calls("views.open", { answer: error("internal_error") });
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    await story.clicks("Confirm");
    const ephemeral = await until(
      () =>
        story.messages.find(
          (message) =>
            message.onlyFor === alice && /SLACK_FAILED\s+Your click or command was not run/.test(textIn(message)),
        ),
      WAIT_MS,
    );
    expect(ephemeral && textIn(ephemeral)).toMatch(/Fix: .*click/);
    story.workspace.slackFaults.well();
    await story.clicks("Confirm");
    expect(await story.sends(null)).toEqual({});
    await story.shows(": done");
  });
});
