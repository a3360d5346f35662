import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AuditPosts, type KeptPosts } from "../../src/flow/audit-posts.ts";
import type { Channel, PostOnce } from "../../src/flow/ports.ts";

const HOUR = 3_600_000;
let kept: ReturnType<KeptPosts["read"]>;
let posts: string[];
let searched: boolean[];
let isDown: boolean;
let started: AuditPosts[];

const audit = (fingerprint: string) => ({
  key: { fingerprint, publicKey: "MCow" },
  head: () => ({ id: 1_234, hash: "9f3ac0ffee12d00d".padEnd(64, "0") }),
});

function begins(fingerprint = "SHA256:one"): AuditPosts {
  const say = async (message: unknown, once?: PostOnce) => {
    searched.push(once?.mayBeThere === true);
    await once?.begins();
    if (isDown) {
      await once?.wasNotTaken();
      throw new Error("Slack is down");
    }
    posts.push(JSON.stringify(message));
    return "1.1";
  };
  const channel: Channel = { place: "C1", say, revise: async () => undefined, find: async () => null };
  const made = new AuditPosts({
    ...{ audit: audit(fingerprint) as never, at: "08:00", channel, key: "key" },
    kept: {
      read: () => kept,
      keep: async (news) => {
        kept = { ...kept, ...news };
      },
    },
    clock: { now: () => new Date() },
    log: { info: () => undefined, error: () => undefined },
  });
  made.start();
  started.push(made);
  return made;
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 29, 7, 0) });
  [kept, posts, searched, isDown, started] = [{}, [], [], false, []];
});
afterEach(() => {
  for (const each of started) each.stop();
  vi.useRealTimers();
});

it("the public key is posted once, also after restarts", async () => {
  begins();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(posts).toHaveLength(1);
  expect(posts[0]).toContain("SHA256:one");
  expect(posts[0]).toContain("MCow");
  begins();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(posts).toHaveLength(1);
});

it("a new key is posted, and the post names the one before", async () => {
  begins();
  await vi.advanceTimersByTimeAsync(1_000);
  begins("SHA256:two");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(posts[1]).toContain("The audit log is signed with a new key");
  expect(posts[1]).toMatch(/SHA256:two.*SHA256:one/);
});

it("the post of the key is tried again until Slack takes it; after a stop it is searched first", async () => {
  isDown = true;
  begins();
  await vi.advanceTimersByTimeAsync(130_000);
  expect(posts).toEqual([]);
  expect(searched).toEqual([false, false, false]);
  isDown = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(posts).toHaveLength(1);
  kept = { ...kept, key: { ...(kept.key ?? expect.fail()), mayBeThere: true } };
  begins();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(searched.at(-1)).toBe(true);
});

it("the last entry is posted once a day, with its hash", async () => {
  begins();
  await vi.advanceTimersByTimeAsync(50 * HOUR);
  const heads = posts.filter((text) => text.includes("The audit log has 1234 entries"));
  expect(heads).toHaveLength(3);
  expect(heads[0]).toContain('"foot":"audit 1234:9f3ac0ffee12d00d"');
  expect(heads[0]).toContain("audit verify anchor=1234:9f3ac0ffee12d00d");
});

it("the first last entry is posted the next day, if the log begins after the time of the post", async () => {
  vi.setSystemTime(new Date(2026, 10, 29, 8, 20));
  begins();
  await vi.advanceTimersByTimeAsync(23 * HOUR);
  expect(posts.filter((text) => text.includes("The audit log has"))).toEqual([]);
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(posts.filter((text) => text.includes("The audit log has"))).toHaveLength(1);
});
