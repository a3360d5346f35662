import { closes, whatWasDone } from "../access/review-acts.ts";
import type { Operation } from "../core/operation.ts";
import { Refusal, reason } from "../core/refusal.ts";
import { detailsOf, type Inline, type Reply } from "../core/reply.ts";
import type { Review } from "../core/review.ts";
import type { Needed } from "../core/role.ts";
import { Pauses } from "./pauses.ts";
import type { Channel, World } from "./ports.ts";

const admin: Needed = { role: "admin", clusters: "all" };
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 120_000;

/**
 * Plans that run without their second person. Each has a review, which is on disk before the plan can run and stays open
 * until an admin closes it. The channel and every admin are notified, as soon as Slack takes it, also after a restart.
 */
export class BreakGlass {
  readonly #world: World;
  readonly #pauses: Pauses;

  constructor(world: World) {
    this.#world = world;
    this.#pauses = new Pauses(world);
  }

  /** Resolves when the review is on disk. */
  opened({ id, title, words }: Operation, why: string, by: string): Promise<Review> {
    const at = this.#world.clock.now().toISOString();
    return this.#world.reviews.open({ operationId: id, title, words, by, at, reason: why });
  }

  /** The plan had ended before. */
  async wasTooLate({ id, at }: Review): Promise<void> {
    const closed = { by: "bot", at, note: "the plan had ended before, so nothing ran" };
    await this.#world.reviews.change(id, (review) => ({ ...review, isNotified: true, closed }));
  }

  /** Throws a Refusal. */
  async close(id: string, note: string, by: string): Promise<Reply> {
    const { reviews, clock, permission } = this.#world;
    const headline = `${id} was not closed`;
    const existing = reviews.all().find((review) => review.id === id);
    if (existing?.by === by) {
      const { people, isComplete } = await permission.peopleWith(admin);
      if (!isComplete || people.some((person) => person !== by)) {
        const why = "it is about what you did, and there is another admin";
        throw new Refusal(headline, reason("SECOND_PERSON", why, "ask another admin to close it"));
      }
    }
    const closed = { by, at: clock.now().toISOString(), note };
    const after = await reviews.change(id, (review) => {
      if (review.closed === null) return { ...review, closed };
      throw new Refusal(headline, reason("PLAN_ENDED", `${review.closed.by} closed it before`, "see `review list`"));
    });
    if (after === null) {
      throw new Refusal(headline, reason("NOT_FOUND", "there is no review of this id"), { next: ["review list"] });
    }
    return {
      title: `${id} is closed`,
      tone: "good",
      parts: [{ kind: "text", text: [...whatWasDone(after), "\nNote: ", note] }],
      next: [detailsOf(after.operationId)],
    };
  }

  /** After a start: those that were not notified completely. */
  recover(): void {
    for (const review of this.#world.reviews.all()) if (!review.isNotified) this.notifies(review);
  }

  /** Returns at once. */
  notifies({ id }: Review): void {
    const attempt = () =>
      this.#notify(id).catch((error: unknown) => {
        if (!this.#world.isStopping()) this.#world.log.error(`${id}: notifying of a break-glass`, error);
        return false;
      });
    attempt().then((isDone) => {
      if (!isDone) void this.#pauses.until(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    });
  }

  /** What is left is done after the next start. */
  stop(): void {
    this.#pauses.stop();
  }

  /** Whether each place has it now. */
  async #notify(id: string): Promise<boolean> {
    const { reviews, operations, log } = this.#world;
    const review = reviews.all().find((each) => each.id === id);
    if (review === undefined || review.isNotified) return true;
    const operation = operations.get(review.operationId);
    const { people, isComplete } = await this.#world.permission.peopleWith(admin);
    let isDone = isComplete;
    const thread = operation === null ? null : threadOf(operation, this.#world);
    const direct = people.map((person) => this.#world.conversations.withPerson(person));
    for (const channel of [thread ?? this.#world.conversations.home(), ...direct]) {
      if (channel === null || this.#has(id, channel)) continue;
      try {
        const message = { reply: noticeOf(review, operation) };
        await channel.say(channel === thread ? { ...message, inChannelToo: true } : message);
        await reviews.change(id, (latest) => ({ ...latest, notified: [...latest.notified, channel.place] }));
      } catch (error) {
        log.error(`${id}: ${channel.place} did not take the break-glass; it is tried again`, error);
        isDone = false;
      }
    }
    if (isDone) await reviews.change(id, (latest) => ({ ...latest, isNotified: true }));
    return isDone;
  }

  #has(id: string, { place }: Channel): boolean {
    return this.#world.reviews.all().some((review) => review.id === id && review.notified.includes(place));
  }
}

/** The plan's thread. null: its message is not known. */
const threadOf = ({ place, messageId }: Operation, { conversations }: World): Channel | null =>
  messageId === null ? null : conversations.inThread(place, messageId);

/** For the channel and every admin. */
function noticeOf(review: Review, operation: Operation | null): Reply {
  const { id, operationId, title, words } = review;
  const asked: Inline[] = operation === null ? [] : ["\nAsked by ", { person: operation.askedBy, isQuiet: true }];
  return {
    title: `BREAK-GLASS: ${operationId} runs without a second person`,
    tone: "bad",
    parts: [
      { kind: "text", tone: "bad", text: whatWasDone(review) },
      { kind: "text", text: [{ bold: title }, ...asked, ": ", { code: words }] },
      { kind: "text", text: `${id} stays open until an admin closes it with a note.` },
    ],
    next: [closes(review), detailsOf(operationId)],
  };
}
