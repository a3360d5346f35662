import { describe, expect, it } from "vitest";
import { type EventRecord, Seen } from "../../src/slack/seen.ts";
import { errorSaying } from "../support/errors.ts";

const minute = 60_000;
const now = Date.parse("2026-11-29T12:00:00Z");

/** A record in memory that begins an hour ago. */
function record(onDisk = true): EventRecord {
  const ids = new Set<string>();
  return {
    since: now - 60 * minute,
    async take(id) {
      if (ids.has(id)) return "again";
      ids.add(id);
      return onDisk ? "new" : "unrecorded";
    },
  };
}
const seen = (kept = record()) => new Seen(kept, () => now);

describe("an event", () => {
  it.each([
    [null, null],
    [now, null],
    [now + 5 * minute, null],
    [now - 10 * minute, null],
    [now - 11 * minute, "11 minutes after it was sent"],
    [now - 59 * minute, "59 minutes after it was sent"],
  ])("made at %j may change something unless it is late", async (madeAt, why) => {
    const taken = await seen().take({ id: "click 1", madeAt });
    expect(taken).toEqual({ kind: "new", noChange: why === null ? null : errorSaying(why) });
  });

  it("that is a form was opened earlier than it was sent, so it is never late", async () => {
    const opened = { id: "form 1", madeAt: now - 59 * minute, isForm: true };
    expect(await seen().take(opened)).toEqual({ kind: "new", noChange: null });
    const unknown = { id: "form 2", madeAt: now - 61 * minute, isForm: true };
    expect(await seen().take(unknown)).toEqual({ kind: "ignored", notice: null });
  });

  it("that came already has no effect", async () => {
    const each = seen();
    await each.take({ id: "click 1", madeAt: now });
    expect(await each.take({ id: "click 1", madeAt: now })).toEqual({ kind: "ignored", notice: null });
  });

  it("made before the record begins has no effect, and its author is notified only while a person may wait", async () => {
    const later = { ...record(), since: now - minute };
    const notice = { kind: "ignored", notice: errorSaying("has no earlier record") };
    expect(await seen(later).take({ id: "a", madeAt: now - 2 * minute })).toEqual(notice);
    expect(await seen().take({ id: "b", madeAt: now - 61 * minute })).toEqual({ kind: "ignored", notice: null });
  });

  it("that could not be recorded may query, but not change", async () => {
    const taken = await seen(record(false)).take({ id: "click 1", madeAt: now });
    expect(taken).toEqual({ kind: "new", noChange: errorSaying("make room on the disk") });
  });
});

describe("an edited message", () => {
  it("is new if it was never taken, and as old as its edit", async () => {
    const madeAt = now - 30 * minute;
    const each = seen();
    const edit = { id: "m", madeAt, editedAt: now };
    const [first, second] = await Promise.all([each.take(edit), each.take(edit)]);
    expect(first).toEqual({ kind: "new", noChange: null });
    // Slack delivers the same edit again.
    expect(second).toEqual({ kind: "ignored", notice: null });
  });

  it("that was taken is reported once for each edit", async () => {
    const each = seen();
    await each.take({ id: "m", madeAt: now - minute });
    const edit = { id: "m", madeAt: now - minute, editedAt: now };
    const notice = { kind: "ignored", notice: errorSaying("ran this message before it was edited") };
    expect(await each.take(edit)).toEqual(notice);
    expect(await each.take(edit)).toEqual({ kind: "ignored", notice: null });
    expect(await each.take({ ...edit, editedAt: now + 1 })).toEqual(notice);
  });
});
