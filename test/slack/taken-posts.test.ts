import { describe, expect, it } from "vitest";
import { SlackFailed } from "../../src/slack/retry.ts";
import { TakenPosts } from "../../src/slack/taken-posts.ts";

const away = new SlackFailed({ about: "moment", what: "Slack says internal_error", retryAfterMs: null }, null);
const archived = new SlackFailed({ about: "channel", code: "is_archived" }, null);

describe("whether Slack takes posts", () => {
  it("a transient failure counts for 10 minutes, in its channel, until a post is taken", () => {
    let nowMs = 0;
    const posts = new TakenPosts(() => nowMs);
    expect(posts.whyNone("C1")).toBeNull();
    posts.failed("C1", away);
    expect(posts.whyNone("C1")).toBe("Slack says internal_error");
    expect(posts.whyNone("C2")).toBeNull();
    nowMs = 600_001;
    expect(posts.whyNone("C1")).toBeNull();
    posts.failed("C1", away);
    posts.took("C1");
    expect(posts.whyNone("C1")).toBeNull();
  });

  it("a channel that refuses the bot is not away: Slack said what to do", () => {
    const posts = new TakenPosts(() => 0);
    posts.failed("C1", away);
    posts.failed("C1", archived);
    expect(posts.whyNone("C1")).toBeNull();
  });
});
