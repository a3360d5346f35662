import { describe, expect, it } from "vitest";
import { textOf } from "../../src/core/reply.ts";
import type { Holding } from "../../src/core/role.ts";
import { TrustInMemory, TYPED } from "./trust-in-memory.ts";

const admin: Holding = { who: "U0ADMIN", role: "admin", clusters: "all", source: { kind: "setting", name: "ADMINS" } };
const root = "terminal:root";
const away = { reason: "ps-1 is lost", away: "Slack answers with the HTTP status 503" };
const terminal = JSON.stringify({ terminal: root });

describe("break-glass at a terminal, in memory", () => {
  const begun = async () => {
    const trust = new TrustInMemory([admin]);
    const conversation = trust.conversation(terminal);
    await trust.flow.askAway("wipe disk", root, away, conversation);
    return { trust, conversation };
  };
  const titlesIn = (trust: TrustInMemory, place: string) =>
    trust.said.filter((each) => each.place === place).map(({ message }) => message.reply.title);
  const isNotified = async (trust: TrustInMemory) => {
    for (let turn = 0; turn < 1_000 && trust.reviews[0]?.isNotified !== true; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(trust.reviews[0]?.isNotified).toBe(true);
    await trust.flow.stop();
    expect(trust.bugs).toEqual([]);
  };

  it("writes words, person, reason and why Slack is away before the plan, and needs no approver", async () => {
    const { trust, conversation } = await begun();
    expect(trust.entries.map(({ by, event }) => [by, event.kind])).toEqual([
      [root, "asked"],
      [root, "planned"],
      [root, "break-glass"],
    ]);
    expect(trust.entries[0]?.event).toEqual({ kind: "asked", words: "wipe disk", breakGlass: away });
    expect(trust.destroyed).toBe(0);
    const [operation] = trust.operations;
    const seal = `${operation?.digest}.${operation?.nonce}`;
    const click = { operationId: "op-1", seal, messageId: operation?.messageId ?? "", by: root, secrets: new Map() };
    await trust.flow.confirm({ ...click, typed: "wrong!" }, conversation);
    expect(trust.destroyed).toBe(0);
    await trust.flow.confirm({ ...click, typed: TYPED }, conversation);
    expect(trust.destroyed).toBe(1);
    await isNotified(trust);
  });

  it("its one message in the channel gets the end; every admin is notified once", async () => {
    const { trust, conversation } = await begun();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(titlesIn(trust, "C1")).toEqual(["BREAK-GLASS at a terminal: Wipe the disk waits (op-1)"]);
    const [operation] = trust.operations;
    const clicked = { operationId: "op-1", seal: `${operation?.digest}.${operation?.nonce}` };
    await trust.flow.cancel({ ...clicked, messageId: operation?.messageId ?? "" }, root, conversation);
    await isNotified(trust);
    expect(titlesIn(trust, "C1")).toEqual([
      "BREAK-GLASS at a terminal: Wipe the disk waits (op-1)",
      "BREAK-GLASS at a terminal: Wipe the disk: cancelled (op-1)",
    ]);
    expect(titlesIn(trust, "to U0ADMIN")).toHaveLength(1);
    const notice = trust.said.find(({ place }) => place === "C1")?.message.reply;
    const text = notice?.parts.map((part) => (part.kind === "text" ? textOf(part.text) : "")).join("\n");
    expect(text).toMatch(/ps-1 is lost\. Slack could not be reached: Slack answers with the HTTP status 503/);
    expect(trust.reviews[0]).toMatchObject({ operationId: "op-1", closed: null });
  });

  it("its message in the channel says that it waits in the queue, then that it runs", async () => {
    const { trust, conversation } = await begun();
    let ends = (): void => undefined;
    trust.hostEnds = new Promise<void>((resolve) => {
      ends = resolve;
    });
    await trust.asks("wipe disk", "U0ADMIN");
    const first = trust.confirms("op-2", "U0ADMIN");
    await trust.until(() => trust.destroyed === 1);
    const [operation] = trust.operations;
    const seal = `${operation?.digest}.${operation?.nonce}`;
    const click = { operationId: "op-1", seal, messageId: operation?.messageId ?? "", by: root, secrets: new Map() };
    const second = trust.flow.confirm({ ...click, typed: TYPED }, conversation);
    const shown = () => titlesIn(trust, "C1").filter((title) => title.startsWith("BREAK-GLASS"));
    await trust.until(() => shown().length === 2);
    trust.hostEnds = new Promise<void>((resolve) => {
      ends();
      ends = resolve;
    });
    await first;
    await trust.until(() => shown().length === 3);
    ends();
    await second;
    await isNotified(trust);
    expect(shown()).toEqual([
      "BREAK-GLASS at a terminal: Wipe the disk waits (op-1)",
      "BREAK-GLASS at a terminal: Wipe the disk waits in the queue (op-1)",
      "BREAK-GLASS at a terminal: Wipe the disk runs (op-1)",
      "BREAK-GLASS at a terminal: Wipe the disk: done (op-1)",
    ]);
  });

  it("refused words are reported, and their review needs no admin", async () => {
    const trust = new TrustInMemory([admin]);
    trust.freezes = {
      freezes: [{ cluster: null, reason: "firmware", by: "U1", at: "2026-11-30T11:00:00.000Z", until: null }],
      schedules: [],
    };
    await trust.flow.askAway("wipe disk", root, away, trust.conversation(terminal));
    await isNotified(trust);
    expect(trust.operations).toEqual([]);
    expect(titlesIn(trust, "C1")).toEqual(["BREAK-GLASS at a terminal: nothing ran"]);
    expect(trust.reviews[0]).toMatchObject({ operationId: null, closed: { by: "bot" } });
  });

  it("words without a plan are reported after a start: the bot was killed while it asked the hosts", async () => {
    const trust = new TrustInMemory([admin]);
    const review = { id: "rev-1", operationId: null, title: "wipe disk", words: "wipe disk", by: root };
    const begun = {
      at: "2026-11-30T11:59:00.000Z",
      notified: [],
      posting: [],
      unreachable: [],
      shown: null,
      isNotified: false,
    };
    trust.reviews = [{ ...review, ...begun, ...away, closed: null }];
    await trust.flow.recover();
    await isNotified(trust);
    expect(titlesIn(trust, "C1")).toEqual(["BREAK-GLASS at a terminal: nothing ran"]);
    expect(titlesIn(trust, "to U0ADMIN")).toHaveLength(1);
    expect(trust.reviews[0]?.closed?.note).toBe("the bot stopped before the plan was shown");
  });

  it("does not help a person who may not change the cluster", async () => {
    const trust = new TrustInMemory([admin]);
    await trust.flow.askAway("wipe disk", "U0DAVE001", away, trust.conversation(terminal));
    await isNotified(trust);
    expect(trust.operations).toEqual([]);
  });
});
