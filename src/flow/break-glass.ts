import { detailsOfReview, whatWasDone } from "../access/review-acts.ts";
import type { Operation } from "../core/operation.ts";
import { Refusal, reason, refusalOf } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";
import type { Review } from "../core/review.ts";
import { type Needed, roleText } from "../core/role.ts";
import { PersonUnreachable } from "../core/undelivered.ts";
import { closerOf } from "./authority.ts";
import { notesInIncidents } from "./break-glass-incidents.ts";
import { isOver, noticeOf, noticePosts, shownState } from "./break-glass-notice.ts";
import type { OncePosts } from "./once-posts.ts";
import { Pauses } from "./pauses.ts";
import type { Channel, World } from "./ports.ts";

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 120_000;

/** A person at a terminal does without the channel. `away`: why Slack could not be reached. */
export interface AwayGlass {
  readonly reason: string;
  readonly away: string;
}

/**
 * Plans that may run without their second person. Each has a review, which is on disk before the plan can run and stays open
 * until an admin closes it. The channel, incidents and every admin are notified as soon as Slack takes it, also after a
 * restart.
 */
export class BreakGlass {
  readonly #world: World;
  readonly #ahead: (operationId: string) => readonly string[];
  readonly #pauses: Pauses;
  /** The latest attempt for each review, and the reviews that are tried again. */
  readonly #attempts = new Map<string, Promise<boolean>>();
  readonly #tried = new Set<string>();

  /** `ahead`: the operations that this one waits for in the queue. */
  constructor(world: World, ahead: (operationId: string) => readonly string[]) {
    this.#world = world;
    this.#ahead = ahead;
    this.#pauses = new Pauses(world);
  }

  /** Resolves when the review is on disk. */
  opened({ id, title, words }: Operation, why: string, by: string): Promise<Review> {
    const at = this.#world.clock.now().toISOString();
    return this.#world.reviews.open({ operationId: id, title, words, by, at, reason: why, away: null });
  }

  /** Words at a terminal while Slack is away, before their plan is made. Resolves when the review is on disk. */
  openedAway(words: string, { reason: why, away }: AwayGlass, by: string): Promise<Review> {
    const at = this.#world.clock.now().toISOString();
    return this.#world.reviews.open({ operationId: null, title: words, words, by, at, reason: why, away });
  }

  /** The words have a plan. Resolves when that is on disk. */
  async planned({ id }: Review, { id: operationId, title }: Operation): Promise<void> {
    await this.#world.reviews.change(id, (review) => ({ ...review, operationId, title }));
  }

  /** The words have no plan. The channel and the admins are notified all the same. */
  async nothingRan(id: string, note: string): Promise<void> {
    const at = this.#world.clock.now().toISOString();
    await this.#world.reviews.change(id, (review) =>
      review.operationId === null ? { ...review, closed: { by: "bot", at, note } } : review,
    );
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
    const existing = this.#review(id);
    if (existing === null) throw notFound(headline);
    const closer = closerOf(this.#operationOf(existing));
    // The review may be newer than the check of the words.
    const missing = await permission.whyNot(by, closer);
    if (missing !== null) throw refusalOf(missing);
    if (existing.by === by) {
      const { people, isComplete } = await permission.peopleWith(closer);
      if (!isComplete || people.some((person) => person !== by)) {
        const another = `another ${roleText(closer)}`;
        const why = `it is about what you did, and there is ${another}`;
        throw new Refusal(headline, reason("SECOND_PERSON", why, `ask ${another} to close it`));
      }
    }
    const closed = { by, at: clock.now().toISOString(), note };
    const after = await reviews.change(id, (review) => {
      if (review.closed === null) return { ...review, closed };
      throw new Refusal(headline, reason("PLAN_ENDED", `${review.closed.by} closed it before`, "see `review list`"));
    });
    if (after === null) throw notFound(headline);
    return {
      title: `${id} is closed`,
      tone: "good",
      parts: [{ kind: "text", text: [...whatWasDone(after), "\nNote: ", note] }],
      next: detailsOfReview(after),
    };
  }

  /** After a start: those that were not notified completely. */
  async recover(): Promise<void> {
    for (const review of this.#world.reviews.all()) {
      if (review.isNotified) continue;
      if (this.#neverCounted(review)) {
        await this.#closesUncounted(review);
        continue;
      }
      if (review.operationId === null && review.closed === null) {
        await this.nothingRan(review.id, "the bot stopped before the plan was shown").catch((error: unknown) =>
          this.#world.log.error(`${review.id}: writing that nothing ran`, error),
        );
      }
      this.notifies(review);
    }
  }

  /** The bot was killed after the review was on disk, and before the plan could do without its second person. */
  #neverCounted(review: Review): boolean {
    const operation = this.#operationOf(review);
    return review.away === null && operation !== null && operation.second?.given?.kind !== "break-glass";
  }

  async #closesUncounted({ id }: Review): Promise<void> {
    const at = this.#world.clock.now().toISOString();
    const note = "the bot stopped before it counted, so nothing ran without a second person";
    const closes = (review: Review): Review => ({
      ...review,
      isNotified: true,
      closed: review.closed ?? { by: "bot", at, note },
    });
    await this.#world.reviews
      .change(id, closes)
      .catch((error: unknown) => this.#world.log.error(`${id}: writing that it never counted`, error));
  }

  /** Something became of the operation: its notices show it. Returns at once. */
  changed(operationId: string): void {
    const review = this.#world.reviews.all().find((each) => each.operationId === operationId && !each.isNotified);
    if (review !== undefined && review.away !== null) this.notifies(review);
  }

  /** Returns at once. */
  notifies({ id }: Pick<Review, "id">): void {
    this.#attempt(id).then((isDone) => {
      if (isDone || this.#tried.has(id)) return;
      this.#tried.add(id);
      const again = this.#pauses.until(() => this.#attempt(id), FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      void again.finally(() => this.#tried.delete(id));
    });
  }

  /** What is left is done after the next start. */
  stop(): void {
    this.#pauses.stop();
  }

  /** One after another, so that no place has it twice. Never throws. */
  #attempt(id: string): Promise<boolean> {
    const before = this.#attempts.get(id) ?? Promise.resolve(false);
    const attempt = before
      .then(() => this.#notify(id))
      .catch((error: unknown) => {
        if (!this.#world.isStopping()) this.#world.log.error(`${id}: notifying of a break-glass`, error);
        return false;
      })
      .finally(() => {
        if (this.#attempts.get(id) === attempt) this.#attempts.delete(id);
      });
    this.#attempts.set(id, attempt);
    return attempt;
  }

  /** Whether each place has it now. */
  async #notify(id: string): Promise<boolean> {
    const { reviews, conversations, log } = this.#world;
    const review = this.#review(id);
    if (review === null || review.isNotified) return true;
    const home = conversations.home();
    // A process without a channel: the bot's next start has one.
    if (review.away !== null && home === null) return false;
    const operation = this.#operationOf(review);
    const { people, isComplete } = await this.#admins(operation);
    let isDone = isComplete;
    const thread = operation === null || review.away !== null ? null : threadOf(operation, this.#world);
    const first = thread ?? home;
    const posts = noticePosts(review, this.#world);
    const direct = people.map((person) => ({ channel: conversations.withPerson(person), person }));
    for (const { channel, person } of [{ channel: first, person: null }, ...direct]) {
      if (channel === null || this.#isDoneAt(id, channel, person)) continue;
      try {
        await this.#say(id, channel, posts, { isFirst: channel === first, isThread: channel === thread });
      } catch (error) {
        if (this.#world.isStopping()) return false;
        if (person !== null && error instanceof PersonUnreachable) {
          log.error(`${id}: ${person} can't be notified of the break-glass`, error);
          await reviews.change(id, (latest) => ({ ...latest, unreachable: [...latest.unreachable, person] }));
          continue;
        }
        log.error(`${id}: ${channel.place} did not take the break-glass; it is tried again`, error);
        isDone = false;
      }
    }
    if (operation !== null && !(await notesInIncidents(review, operation, this.#world))) isDone = false;
    if (review.away !== null) isDone = (await this.#showsEnd(id)) && isDone;
    if (isDone) await reviews.change(id, (latest) => ({ ...latest, isNotified: true }));
    return isDone;
  }

  #isDoneAt(id: string, { place }: Channel, person: string | null): boolean {
    const review = this.#review(id);
    if (review === null) return false;
    return review.notified.includes(place) || (person !== null && review.unreachable.includes(person));
  }

  /** The admins of all clusters, and those of any cluster that the plan changes. */
  async #admins(operation: Operation | null): ReturnType<World["permission"]["peopleWith"]> {
    const clusters = operation?.second?.clusters ?? operation?.clusters ?? [];
    const places: readonly Needed["clusters"][] =
      clusters === "all" ? ["all"] : ["all", ...clusters.map((cluster) => [cluster])];
    const people = new Set<string>();
    let isComplete = true;
    for (const place of places) {
      const found = await this.#world.permission.peopleWith({ role: "admin", clusters: place });
      for (const person of found.people) people.add(person);
      isComplete &&= found.isComplete;
    }
    return { people: [...people], isComplete };
  }

  /** Throws if the place does not take it. */
  async #say(
    id: string,
    channel: Channel,
    posts: OncePosts,
    { isFirst, isThread }: { readonly isFirst: boolean; readonly isThread: boolean },
  ): Promise<void> {
    const review = this.#review(id);
    if (review === null) return;
    const { place } = channel;
    const operation = this.#operationOf(review);
    const ahead = this.#aheadOf(review);
    const message = { reply: noticeOf(review, operation, ahead), ...(isThread && { inChannelToo: true }) };
    // A message of an earlier attempt may be there, with an earlier state.
    const state = review.posting.includes(place) ? "not known" : shownState(review, operation, ahead);
    const messageId = await channel.say(message, posts.at(place, message));
    await this.#world.reviews.change(id, (latest) => ({
      ...latest,
      notified: [...latest.notified, place],
      ...(isFirst && latest.away !== null && { shown: { place, messageId, state } }),
    }));
  }

  /** Whether the channel's notice of a change at a terminal shows the end. Throws if the channel does not take it. */
  async #showsEnd(id: string): Promise<boolean> {
    const review = this.#review(id);
    if (review === null) return true;
    const { shown } = review;
    if (shown === null) return false;
    const operation = this.#operationOf(review);
    const ahead = this.#aheadOf(review);
    const state = shownState(review, operation, ahead);
    if (shown.state !== state) {
      const message = { reply: noticeOf(review, operation, ahead) };
      const posts = noticePosts(review, this.#world, "end");
      const channel = this.#world.conversations.at(shown.place);
      await channel.revise(shown.messageId, message, true, posts.at(`end ${shown.place}`, message));
      await this.#world.reviews.change(id, (latest) => ({ ...latest, shown: { ...shown, state } }));
    }
    return isOver(review, operation);
  }

  #review(id: string): Review | null {
    return this.#world.reviews.all().find((each) => each.id === id) ?? null;
  }

  #aheadOf({ operationId }: Review): readonly string[] {
    return operationId === null ? [] : this.#ahead(operationId);
  }

  #operationOf({ operationId }: Review): Operation | null {
    return operationId === null ? null : this.#world.operations.get(operationId);
  }
}

const notFound = (headline: string): Refusal =>
  new Refusal(headline, reason("NOT_FOUND", "there is no review of this id"), { next: ["review list"] });

/** The plan's thread. null: its message is not known. */
const threadOf = ({ place, messageId }: Operation, { conversations }: World): Channel | null =>
  messageId === null ? null : conversations.inThread(place, messageId);
