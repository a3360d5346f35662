import { readdir } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/core/operation.ts";
import type { AuditLog } from "../../src/flow/ports.ts";
import { Forwarder, type ForwardSettings } from "../../src/forward/forwarder.ts";
import { NotTaken, type Receiver } from "../../src/forward/receiver.ts";
import { open } from "../store/open-audit-log.ts";
import { newDirectory } from "../store/samples.ts";
import { asked, LogInMemory, PositionsInMemory, until } from "./samples.ts";

/** Nothing waits long, and people are notified at the second failure or later. */
const settings: ForwardSettings = {
  ...{ everyMs: 1, entries: 4, pausesMs: [1], slowPausesMs: [2], awayMs: 3_600_000, stopMs: 60_000 },
};
const words = (count: number) => Array.from({ length: count }, (_, index) => asked(`words ${index + 1}`));
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("the forwarder of the audit log", () => {
  const messages: number[][] = [];
  const logged: string[] = [];
  const notified: string[] = [];
  let log: LogInMemory;
  let positions: PositionsInMemory;
  /** What becomes of a message. By default it is taken. */
  let takes: (entries: readonly AuditEntry[]) => Promise<void> | void;
  let forwarder: Forwarder | null = null;
  const setUp = (count = 0) => {
    for (const list of [messages, logged, notified]) list.length = 0;
    log = new LogInMemory(...words(count));
    positions = new PositionsInMemory();
    takes = () => undefined;
  };
  afterEach(() => forwarder?.stop());

  function starts(
    given: Partial<ForwardSettings> = {},
    address = "receiver",
    audit: Pick<AuditLog, "head" | "after"> = log,
  ): Forwarder {
    const receiver: Receiver = {
      ...{ setting: "AUDIT_SYSLOG", shown: "syslog+tcp://log:601", address },
      async send(entries, signal) {
        messages.push(entries.map(({ id }) => id));
        let ends = (): void => undefined;
        const aborted = new Promise<never>((_, reject) => {
          ends = () => reject(new Error("aborted"));
          signal.addEventListener("abort", ends);
        });
        try {
          await Promise.race([takes(entries), aborted]);
        } finally {
          signal.removeEventListener("abort", ends);
        }
      },
    };
    const reports = {
      log: {
        info: (message: string) => void logged.push(message),
        error: (message: string, error: unknown) => void logged.push(`${message}: ${error}`),
      },
      away: ({ problem, waiting }: { problem: string; waiting: number }) =>
        void notified.push(`away: ${problem}, ${waiting} wait`),
      back: () => void notified.push("back"),
    };
    forwarder = new Forwarder({ receiver, audit, positions, reports }, { ...settings, ...given });
    forwarder.start();
    return forwarder;
  }
  const becomes = async (isSo: () => boolean) => {
    expect(await until(() => isSo() || undefined), JSON.stringify([messages, logged])).toBe(true);
  };
  const kept = () => [...positions.kept.values()].map(({ id }) => id);

  it("sends all in order, in messages of a limited size, and then as it happens", async () => {
    setUp(10);
    starts();
    await becomes(() => kept()[0] === 10);
    expect(messages).toEqual([numbers(1, 4), numbers(5, 8), numbers(9, 10)]);
    log.append(asked("one more"));
    await becomes(() => kept()[0] === 11);
    expect(messages.at(-1)).toEqual([11]);
    expect(positions.of([...positions.kept.keys()][0] ?? "")).toEqual(log.head());
    expect(logged).toEqual([]);
  });

  it("continues after a restart where the receiver was", async () => {
    setUp(6);
    const first = starts();
    await becomes(() => kept()[0] === 6);
    await first.stop();
    messages.length = 0;
    log.append(asked("while it was stopped"));
    starts();
    await becomes(() => kept()[0] === 7);
    expect(messages).toEqual([[7]]);
  });

  it("sends all in order while the log closes its files, and continues in a closed one after a restart", async () => {
    setUp();
    const directory = await newDirectory();
    const rotated = await open(directory, 0, null, { closedAtBytes: 3_000 });
    const fill = async (from: number, to: number) => {
      for (const number of numbers(from, to)) await rotated.append("U1", null, asked(`words ${number}`));
    };
    await fill(1, 30);
    const first = starts({ entries: 20 }, "receiver", rotated);
    await fill(31, 60);
    await becomes(() => kept()[0] === 60);
    await first.stop();
    await fill(61, 90);
    starts({ entries: 20 }, "receiver", rotated);
    await becomes(() => kept()[0] === 90);
    expect(messages.flat()).toEqual(numbers(1, 90));
    const files = (await readdir(directory)).filter((name) => /^audit-\d+\.jsonl$/.test(name));
    expect(files.length).toBeGreaterThan(3);
    expect(logged).toEqual([]);
  });

  it("advances only after the receiver took the entries, and sends them again until then", async () => {
    setUp(6);
    let refusals = 3;
    takes = () => {
      expect(kept()).toEqual(messages.length > 4 ? [4] : []);
      if (refusals-- > 0) throw new NotTaken("no room", { kind: "503" });
    };
    starts();
    await becomes(() => kept()[0] === 6);
    expect(messages).toEqual([...Array(4).fill(numbers(1, 4)), numbers(5, 6)]);
    expect(logged).toEqual([
      "sending audit entries to syslog+tcp://log:601: no room",
      "syslog+tcp://log:601 takes audit entries again. Failed attempts: 3",
    ]);
    expect(notified).toEqual([]);
  });

  it("logs each kind of problem once in an outage, with what the receiver says, and the stack of a bug", async () => {
    setUp(1);
    const problems = [
      new NotTaken("it answered 503", { kind: "503", answer: "no room" }),
      new NotTaken("it answered 503", { kind: "503" }),
      new NotTaken("refused", { kind: "ECONNREFUSED" }),
      new TypeError("a bug"),
    ];
    takes = () => {
      const problem = problems.shift();
      if (problem !== undefined) throw problem;
    };
    starts();
    await becomes(() => kept()[0] === 1);
    expect(logged).toEqual([
      "sending audit entries to syslog+tcp://log:601: it answered 503. It says: no room",
      "sending audit entries to syslog+tcp://log:601: refused",
      "sending audit entries to syslog+tcp://log:601: TypeError: a bug",
      "syslog+tcp://log:601 takes audit entries again. Failed attempts: 4",
    ]);
  });

  it("notifies people once of an outage that is long, and once of its end", async () => {
    setUp(2);
    let isAway = true;
    takes = () => {
      if (isAway) throw new NotTaken("refused", { kind: "ECONNREFUSED" });
    };
    starts({ awayMs: 0 });
    await becomes(() => messages.length >= 20);
    expect(notified).toEqual(["away: refused, 2 wait"]);
    isAway = false;
    await becomes(() => kept()[0] === 2);
    expect(notified).toEqual(["away: refused, 2 wait", "back"]);
    isAway = true;
    log.append(asked("the next outage"));
    await becomes(() => notified.length === 3);
    expect(notified.at(-1)).toBe("away: refused, 1 wait");
  });

  it("has pauses that grow up to a limit, and longer ones if a person must change something", async () => {
    for (const needsPerson of [false, true]) {
      setUp(1);
      const times: number[] = [];
      takes = () => {
        times.push(performance.now());
        throw new NotTaken("no", { kind: "no", needsPerson });
      };
      starts({ pausesMs: [5, 20, 60], slowPausesMs: [40, 90] });
      await becomes(() => times.length === 6);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      // A timer is never early by more than a millisecond. A busy computer makes it late.
      const least = needsPerson ? [40, 90, 90, 90, 90] : [5, 20, 60, 60, 60];
      for (const [index, ms] of least.entries()) expect(pauses[index]).toBeGreaterThan(ms - 2);
      await forwarder?.stop();
    }
  });

  it("sends fewer entries at once if they are too many for the receiver, down to one, and is patient then", async () => {
    setUp(8);
    takes = (entries) => {
      if (entries.length > 1) throw new NotTaken("it answered 413", { kind: "413", isTooLarge: true });
    };
    starts();
    await becomes(() => kept()[0] === 8);
    expect(messages).toEqual([numbers(1, 4), numbers(1, 2), ...numbers(1, 8).map((id) => [id])]);
    expect(logged).toEqual([]);
    takes = () => {
      throw new NotTaken("it answered 413", { kind: "413", isTooLarge: true });
    };
    log.append(asked("x".repeat(9_999)));
    await becomes(() => messages.filter(([id]) => id === 9).length > 2);
    expect(logged).toEqual(["sending audit entries to syslog+tcp://log:601: it answered 413"]);
  });

  it("sends all again if the log is another one: fewer entries, or others", async () => {
    for (const others of [words(2), words(9).reverse()]) {
      setUp(5);
      const first = starts();
      await becomes(() => kept()[0] === 5);
      await first.stop();
      messages.length = 0;
      log = new LogInMemory(...others);
      starts();
      await becomes(() => kept()[0] === others.length);
      expect(messages.flat()).toEqual(numbers(1, others.length));
      expect(logged).toEqual([
        "syslog+tcp://log:601 gets the complete audit log: entry 5 is not the one that was sent",
      ]);
      await forwarder?.stop();
    }
  });

  it("sends all to another address", async () => {
    setUp(3);
    const first = starts();
    await becomes(() => kept()[0] === 3);
    await first.stop();
    messages.length = 0;
    starts({}, "another receiver");
    await becomes(() => kept().length === 2);
    expect(messages).toEqual([numbers(1, 3)]);
    expect([...positions.kept.keys()].join()).not.toContain("receiver");
  });

  it("says which entries left the log before they were sent, and continues", async () => {
    setUp(5);
    log.entries.splice(0, 2);
    starts();
    await becomes(() => kept()[0] === 5);
    expect(logged).toEqual([
      "sending audit entries to syslog+tcp://log:601: entries 1 to 2 are not in the audit log any more",
    ]);
  });

  it("continues if the position can't be written, and says so once", async () => {
    setUp(5);
    positions.problem = new Error("disk full");
    starts();
    await becomes(() => messages.length === 2);
    log.append(asked("more"));
    await becomes(() => messages.length === 3);
    expect(messages).toEqual([numbers(1, 4), [5], [6]]);
    expect(logged).toEqual(["keeping what was sent of the audit log: Error: disk full"]);
    positions.problem = null;
    log.append(asked("there is room"));
    await becomes(() => kept()[0] === 7);
  });

  it("waits if the log can't be read, and loses nothing", async () => {
    setUp(2);
    const after = log.after.bind(log);
    let failures = 2;
    log.after = async (id, limit) => {
      if (failures-- > 0) throw new Error("the line at byte 7 was changed");
      return after(id, limit);
    };
    starts();
    await becomes(() => kept()[0] === 2);
    expect(logged[0]).toBe("sending audit entries to syslog+tcp://log:601: Error: the line at byte 7 was changed");
    expect(messages).toEqual([[1, 2]]);
  });

  it("sends the last entries when the bot stops, unless the receiver is away or too slow", async () => {
    setUp(3);
    const idle = starts({ everyMs: 3_600_000 });
    await becomes(() => kept()[0] === 3);
    log.append(asked("the last"));
    expect(idle.waiting).toBe(1);
    await idle.stop();
    expect(messages).toEqual([numbers(1, 3), [4]]);
    expect(idle.waiting).toBe(0);

    log.append(asked("not taken"));
    takes = () => new Promise(() => undefined);
    const slow = starts({ stopMs: 20 });
    await becomes(() => messages.length === 3);
    await slow.stop();
    expect(kept()).toEqual([4]);

    takes = () => {
      throw new NotTaken("refused", { kind: "ECONNREFUSED" });
    };
    const away = starts({ pausesMs: [3_600_000], stopMs: 3_600_000 });
    await becomes(() => logged.length === 1);
    await away.stop();
    expect([kept(), away.waiting]).toEqual([[4], 1]);
  });
});
