import { afterEach, beforeEach, describe, expect } from "vitest";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { decisionsIn, textIn } from "./message-text.ts";
import { alice, Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(180_000);
const WAIT_MS = patient(60_000);
const channel = "C0STORAGE";
const direct = "D0ALICE01";
const error = (code: string): FaultyAnswer => ({ kind: "error", code });

describe("Slack: the end of an operation", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  const notified = (place: string) =>
    story.workspace.messagesIn(place).filter((message) => /: done \(op-1\)/.test(textIn(message)));
  const waitsFor = async (place: string) => {
    const found = await until(() => notified(place)[0], WAIT_MS);
    if (!found)
      expect.fail(`${place} was not notified\n${story.messages.map(textIn).join()}\n${story.logged.join("\n")}`);
    return found;
  };
  /** Resolves when the bot reports the confirmation. No step has run then. */
  const onceConfirmed = (happens: () => void) => {
    let isOver = false;
    const when = ({ text }: Readonly<Record<string, unknown>>) => {
      if (!isOver && /: (confirmed|running)\b.*\(op-1\)/.test(String(text))) {
        isOver = true;
        happens();
      }
      return false;
    };
    story.workspace.slackFaults.calls("chat.update", { answer: error("internal_error"), when });
  };
  const adds = async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.confirms("");
  };
  const claims = () => story.messages.map(textIn).join("\n");
  const nothingFalse = () => {
    expect(claims()).not.toMatch(/nothing was changed|Refused|not possible|bug of the bot/i);
  };
  const isWritten = async () => {
    const written = await until(
      () => (story.bot.world.operations.get("op-1")?.notified === true ? true : undefined),
      LIMIT_MS,
    );
    expect(written).toBe(true);
  };

  const passing: [title: string, answers: FaultyAnswer[]][] = [
    ["internal_error", [error("internal_error"), error("internal_error")]],
    ["fatal_error and service_unavailable", [error("fatal_error"), error("service_unavailable")]],
    ["ratelimited and request_timeout", [error("ratelimited"), error("request_timeout")]],
    ["a page in place of JSON", [{ kind: "page" }]],
    [
      "503 and 429 without Retry-After",
      [
        { kind: "http", status: 503 },
        { kind: "ratelimited", retryAfterS: null },
      ],
    ],
    ["a broken connection", [{ kind: "broken" }]],
  ];
  it.each(passing)("is posted once if Slack first answers %s", async (_, answers) => {
    for (const answer of answers) {
      story.workspace.slackFaults.calls("chat.update", {
        answer,
        times: 1,
        when: ({ text }) => String(text).includes(": done"),
      });
    }
    await adds();
    const message = await waitsFor(channel);
    expect(decisionsIn(message)).toEqual([]);
    await isWritten();
    expect(notified(channel)).toHaveLength(1);
    expect(notified(direct)).toEqual([]);
    nothingFalse();
  });

  it("goes to its message by the click's response URL if the bot was removed while it ran", async () => {
    onceConfirmed(() => story.workspace.changeChannel(channel, { botIsMember: false }));
    await adds();
    const message = await waitsFor(channel);
    expect(decisionsIn(message)).toEqual([]);
    await isWritten();
    expect(notified(direct)).toEqual([]);
  });

  it("is for all to read if its message is gone and the bot was removed while it ran", async () => {
    onceConfirmed(() => {
      for (const { ts } of story.messages) story.workspace.faults.deleteMessage(channel, ts);
      story.workspace.changeChannel(channel, { botIsMember: false });
    });
    await adds();
    expect(await waitsFor(channel)).toMatchObject({ onlyFor: null });
    await isWritten();
    expect(notified(channel)).toHaveLength(1);
  });

  it("goes to the confirmer if its message is gone and its place is refused, and later to its place", async () => {
    const gone = ({ text }: Readonly<Record<string, unknown>>) => String(text).includes(": done");
    story.workspace.slackFaults.calls("chat.update", { answer: error("message_not_found"), when: gone });
    onceConfirmed(() => story.workspace.changeChannel(channel, { isArchived: true }));
    await adds();
    await waitsFor(direct);
    expect(notified(channel)).toEqual([]);
    expect(story.bot.world.operations.get("op-1")).toMatchObject({ state: "done", notified: false });
    story.workspace.changeChannel(channel, { isArchived: false });
    expect(await waitsFor(channel)).toMatchObject({ onlyFor: null });
    await isWritten();
    expect(notified(channel)).toHaveLength(1);
  });

  const away: [title: string, patch: { botIsMember?: boolean; isPrivate?: boolean; isArchived?: boolean }, RegExp][] = [
    ["the bot was removed", { botIsMember: false }, /\/invite @zstack/],
    ["the bot was removed from a private channel", { botIsMember: false, isPrivate: true }, /\/invite @zstack/],
    ["the channel was archived", { isArchived: true }, /unarchive the channel/],
  ];
  it.each(away)("goes to the confirmer if %s, and later to its place", async (_, patch, advice) => {
    story.workspace.slackFaults.calls("response_url", { answer: { kind: "http", status: 404 } });
    onceConfirmed(() => story.workspace.changeChannel(channel, patch));
    await adds();
    expect(textIn(await waitsFor(direct))).toMatch(advice);
    const [log = ""] = story.logged.filter((line) => line.startsWith("op-1 "));
    expect(log).toMatch(/^op-1 ".+" ended done \(all steps done(?: in \d+ s)?\)/);
    if (patch.isArchived) expect(story.logged.join()).not.toContain("/invite");
    expect(story.bot.world.operations.get("op-1")).toMatchObject({ state: "done", notified: false });
    story.workspace.changeChannel(channel, { botIsMember: true, isArchived: false });
    expect(decisionsIn(await waitsFor(channel))).toEqual([]);
    await isWritten();
    expect(notified(channel)).toHaveLength(1);
    expect(notified(direct)).toHaveLength(1);
    nothingFalse();
  });

  it("is kept while the token is revoked, is in the log, and is posted with the next valid token", async () => {
    story.workspace.slackFaults.calls("response_url", { answer: { kind: "http", status: 404 } });
    onceConfirmed(() => story.workspace.slackFaults.revoke("bot"));
    await adds();
    const ended = () => story.logged.find((line) => line.startsWith("op-1 "));
    const line = await until(ended, WAIT_MS);
    expect(line).toMatch(/ended done .*its place did not accept this end.*token_revoked.*SLACK_BOT_TOKEN/s);
    expect(line).not.toContain("/invite");
    expect(notified(channel)).toEqual([]);
    story.workspace.slackFaults.restore("bot");
    expect(decisionsIn(await waitsFor(channel))).toEqual([]);
    await isWritten();
    nothingFalse();
  });

  it("is kept across a restart, and posted once in each place", async () => {
    story.workspace.slackFaults.calls("response_url", { answer: { kind: "http", status: 404 } });
    onceConfirmed(() => story.workspace.changeChannel(channel, { isArchived: true }));
    await adds();
    await waitsFor(direct);
    await story.restartsBot();
    story.workspace.changeChannel(channel, { isArchived: false });
    await waitsFor(channel);
    await isWritten();
    expect(notified(direct)).toHaveLength(1);
    expect(notified(channel)).toHaveLength(1);
  });

  it("goes to the first channel if the confirmer can't be written to", async () => {
    const place = "C0OUTSIDE";
    story.workspace.changeChannel(place, { botIsMember: true });
    story.workspace.slackFaults.calls("response_url", { answer: { kind: "http", status: 404 } });
    const isDirect = ({ channel: to }: Readonly<Record<string, unknown>>) => [alice, direct].includes(String(to));
    story.workspace.slackFaults.calls("chat.postMessage", { answer: error("messages_tab_disabled"), when: isDirect });
    onceConfirmed(() => story.workspace.changeChannel(place, { isArchived: true }));
    const words = `/zstack sharedblock add cluster-1 wwid=${luns.blank}`;
    await story.workspace.say({ person: alice, text: words, threadTs: null, channel: place });
    const button = await until(() => story.workspace.messagesIn(place).flatMap(decisionsIn)[0], WAIT_MS);
    if (!button) expect.fail("no button");
    await story.workspace.click({
      person: alice,
      messageTs: button.ts,
      blockId: button.blockId,
      actionId: button.actionId,
    });
    await story.sends(null);
    await waitsFor(channel);
    expect(notified(direct)).toEqual([]);
    story.workspace.changeChannel(place, { isArchived: false });
    await waitsFor(place);
    expect(notified(channel)).toHaveLength(1);
  });
});
