import { describe, expect, it } from "vitest";
import { PostQueue } from "../../src/slack/post-queue.ts";
import { SlackFailed } from "../../src/slack/retry.ts";
import { RateLimits, slackRates } from "../../src/workspace/server/rate-limits.ts";
import { virtualTime } from "./virtual-time.ts";

const limited = (retryAfterMs: number | null) =>
  new SlackFailed({ about: "moment", what: "Slack says ratelimited", retryAfterMs }, null);

describe("posts of a channel", () => {
  it("go out in their order, a few at once and then one a second", async () => {
    const time = virtualTime();
    const queue = new PostQueue(time);
    const sent: [number, number][] = [];
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => queue.post("C1", async () => sent.push([index, time.now()]))),
    );
    expect(sent).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1_000],
      [4, 2_000],
      [5, 3_000],
    ]);
  });

  it("go out at once if the workspace has no limit", async () => {
    const time = virtualTime();
    const queue = new PostQueue(time, 0);
    const sent: number[] = [];
    await Promise.all(Array.from({ length: 20 }, (_, index) => queue.post("C1", async () => sent.push(index))));
    expect(sent).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(time.now()).toBe(0);
  });

  it.each([1, 5])("are all taken, thirty of them, by a Slack that takes one a second and %i at once", async (burst) => {
    const time = virtualTime();
    const clock = { now: () => new Date(time.now()) };
    const slack = new RateLimits({ ...slackRates, post: { perMinute: 60, burst } }, clock);
    const queue = new PostQueue(time);
    const taken: number[] = [];
    const post = (index: number) => async () => {
      const retryAfterS = slack.take("chat.postMessage", "post", "C1");
      if (retryAfterS !== null) throw limited(retryAfterS * 1_000);
      taken.push(index);
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => queue.post("C1", post(index))));
    expect(taken).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(time.now()).toBeLessThanOrEqual(35_000);
  });

  it("keep their pace while many other channels get posts", async () => {
    const time = virtualTime();
    const queue = new PostQueue(time);
    const post = (channel: string) => queue.post(channel, async () => time.now());
    for (let count = 0; count < 3; count++) expect(await post("C1")).toBe(0);
    for (let count = 0; count < 250; count++) expect(await post(`C1${count}`)).toBe(0);
    expect(await post("C1")).toBe(1_000);
  });

  it("do not wait for those of another channel", async () => {
    const time = virtualTime();
    const queue = new PostQueue(time);
    const sent: string[] = [];
    const stuck = queue.post("C1", () => new Promise(() => undefined));
    await queue.post("C2", async () => sent.push("C2"));
    expect(sent).toEqual(["C2"]);
    expect(await Promise.race([stuck, Promise.resolve("still waits")])).toBe("still waits");
  });

  it("end in an error each if Slack takes nothing, in limited time", async () => {
    const time = virtualTime();
    const queue = new PostQueue(time);
    const refuse = async () => {
      throw limited(null);
    };
    const posts = Array.from({ length: 200 }, () => queue.post("C1", refuse).catch((error: Error) => error.message));
    const ends = await Promise.all(posts);
    expect(new Set(ends)).toEqual(
      new Set(["Slack says ratelimited", "more posts wait in the channel than Slack takes in 120 s"]),
    );
    expect(time.now()).toBeLessThanOrEqual(160_000);
    await queue.post("C1", async () => "well again");
  });

  it("are refused at once if they can't have their turn in time, except those that complete a message", async () => {
    const time = virtualTime();
    const queue = new PostQueue(time);
    const never = () => new Promise<never>(() => undefined);
    const ends: string[] = [];
    // The first one is being sent, and 150 wait.
    for (let post = 0; post < 151; post++) queue.post("C1", never).catch((error: Error) => ends.push(error.message));
    for (let post = 0; post < 10_000; post++) queue.post("C1", never).catch((error: Error) => ends.push(error.message));
    for (let post = 0; post < 150; post++)
      queue.post("C1", never, true).catch((error: Error) => ends.push(error.message));
    await Promise.resolve();
    expect(ends).toHaveLength(10_000);
    await expect(queue.post("C1", never, true)).rejects.toThrow("more posts wait in the channel");
    expect(await queue.post("C2", async () => "another channel")).toBe("another channel");
  });

  it("that complete a message come before those that wait", async () => {
    const time = virtualTime();
    const queue = new PostQueue(time);
    const sent: string[] = [];
    const first = queue.post("C1", async () => sent.push("message"));
    const other = queue.post("C1", async () => sent.push("other"));
    const follow = queue.post("C1", async () => sent.push("in its thread"), true);
    await Promise.all([first, other, follow]);
    expect(sent).toEqual(["message", "in its thread", "other"]);
  });
});
