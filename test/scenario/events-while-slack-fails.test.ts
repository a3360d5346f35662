import { afterEach, beforeEach, describe, expect } from "vitest";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { textIn } from "./message-text.ts";
import { alice, bob, Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(180_000);
const WAIT_MS = patient(60_000);
const channel = "C0STORAGE";
const direct = "D0ALICE01";
const error = (code: string): FaultyAnswer => ({ kind: "error", code });

describe("Slack: events while it fails", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);
  const calls = (name: string, answer: FaultyAnswer, times = Number.POSITIVE_INFINITY) =>
    story.workspace.slackFaults.calls(name, { answer, times });
  const shown = async (place: string, pattern: RegExp) => {
    const messages = () => story.workspace.messagesIn(place).filter((message) => pattern.test(textIn(message)));
    const found = await until(() => messages()[0], WAIT_MS);
    if (!found) expect.fail(`${place} does not show ${pattern}\n${story.logged.join("\n")}`);
    return found;
  };
  const noBug = () => expect(story.messages.map(textIn).join("\n")).not.toContain("bug of the bot");

  const passing: [title: string, answers: FaultyAnswer[]][] = [
    [
      "429 without Retry-After",
      [
        { kind: "ratelimited", retryAfterS: null },
        { kind: "ratelimited", retryAfterS: null },
      ],
    ],
    [
      "503 twice",
      [
        { kind: "http", status: 503 },
        { kind: "http", status: 503 },
      ],
    ],
    ["a page, then internal_error", [{ kind: "page" }, error("internal_error")]],
  ];
  it.each(passing)("a question is answered after %s", async (_, answers) => {
    for (const answer of answers) calls("chat.postMessage", answer, 1);
    await story.says("/zstack zone list");
    await story.shows("1 zone");
    noBug();
  });

  it("all questions are answered if Slack delays each second post", async () => {
    let count = 0;
    story.workspace.slackFaults.calls("chat.postMessage", {
      answer: { kind: "ratelimited", retryAfterS: 1 },
      when: () => count++ % 2 === 0,
    });
    const asked = [alice, bob].flatMap((person) =>
      Array.from({ length: 3 }, () => story.says("/zstack zone list", person)),
    );
    await Promise.all(asked);
    const answers = () => story.messages.filter((message) => textIn(message).includes("1 zone"));
    await until(() => (answers().length === asked.length ? true : undefined), WAIT_MS);
    expect(answers()).toHaveLength(asked.length);
    noBug();
  });

  it("an answer that the channel rejects for long goes to the asker, and says so", async () => {
    calls("chat.postMessage", error("internal_error"));
    await story.says("/zstack zone list");
    const answer = await shown(channel, /1 zone/);
    expect(answer.onlyFor).toBe(alice);
    expect(textIn(answer)).toMatch(/the channel C0STORAGE did not accept it: Slack says internal_error/);
    noBug();
  });

  it("an answer with a failing response URL is an ephemeral message", async () => {
    calls("response_url", { kind: "http", status: 500 });
    await story.says("/zstack help");
    expect((await shown(channel, /help/i)).onlyFor).toBe(alice);
  });

  it("an answer with a proxy's page at its response URL is an ephemeral message", async () => {
    calls("response_url", { kind: "page" });
    await story.says("/zstack help");
    expect((await shown(channel, /help/i)).onlyFor).toBe(alice);
  });

  it("an answer that the channel rejects too is a direct message", async () => {
    calls("response_url", { kind: "http", status: 404 });
    calls("chat.postEphemeral", error("is_archived"));
    await story.says("/zstack help");
    await shown(direct, /help/i);
  });

  it.each([
    ["internal_error", error("internal_error")],
    ["a page in place of JSON", { kind: "page" as const }],
    ["expired_trigger_id", error("expired_trigger_id")],
  ])(
    "a form that Slack does not open (%s) is reported to the clicker, and opens at the next click",
    async (_, answer) => {
      await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
      calls("views.open", answer);
      await story.clicks("Confirm");
      const notice = await shown(channel, /click or send it again/);
      expect(notice.onlyFor).toBe(alice);
      expect(textIn(notice)).toMatch(/Nothing was run\./);
      story.workspace.slackFaults.well();
      await story.confirms("");
      await story.shows(": done (op-1)");
      noBug();
    },
  );
});
