import type { ApprovalActs } from "../core/approval-acts.ts";
import { InTurn } from "../core/in-turn.ts";
import type { Operation } from "../core/operation.ts";
import { Refusal, reason, refusalOf } from "../core/refusal.ts";
import { detailsOf, type Reply } from "../core/reply.ts";
import type { Given } from "../core/second-person.ts";
import { approvedNotice, rejectedNotice } from "./approval-replies.ts";
import { anyChange } from "./authority.ts";
import type { BreakGlass } from "./break-glass.ts";
import { endPlanned } from "./end-without-run.ts";
import type { Endings } from "./endings.ts";
import type { World } from "./ports.ts";
import { approverOf } from "./second-person.ts";
import type { ShownPlans } from "./shown-plans.ts";

/** As it is said in a refusal. */
type Decision = "approved" | "rejected" | "confirmed without an approver";

/** Plans that wait for a second person, and what this person does about them. What is approved is the plan's digest. */
export class Approvals {
  readonly #world: World;
  readonly #endings: Endings;
  readonly #glass: BreakGlass;
  readonly #shown: ShownPlans;
  /** By the id of a plan: the decisions about it that are under way. */
  readonly #turns = new Map<string, { readonly turn: InTurn; count: number }>();

  constructor(world: World, endings: Endings, glass: BreakGlass, shown: ShownPlans) {
    this.#world = world;
    this.#glass = glass;
    this.#endings = endings;
    this.#shown = shown;
  }

  /** What this person does about plans. */
  of(by: string): ApprovalActs {
    return {
      approve: (id) => this.#approve(id, by),
      reject: (id, why) => this.#reject(id, why, by),
      breakGlass: (id, why) => this.#breakGlass(id, why, by),
      closeReview: (id, note) => this.#glass.close(id, note, by),
    };
  }

  async #approve(id: string, by: string): Promise<Reply> {
    const operation = await this.#waiting(id, by, "approved");
    const { digest } = operation;
    const approved = await this.#inTurn(id, "approved", async () => {
      await this.#world.audit.append(by, id, { kind: "approved", digest });
      const at = this.#world.clock.now().toISOString();
      return this.#give(operation, { kind: "approved", by, at, digest, reason: null });
    });
    this.#show(approved);
    this.#inThread(approved, approvedNotice(approved, by));
    return {
      title: `${id} is approved`,
      tone: "good",
      parts: [
        { kind: "text", text: [{ person: operation.askedBy, isQuiet: true }, " confirms it now, and is notified."] },
      ],
      next: [detailsOf(id)],
    };
  }

  async #reject(id: string, why: string, by: string): Promise<Reply> {
    const operation = await this.#waiting(id, by, "rejected");
    const parts = [{ kind: "text", text: ["Rejected by ", { person: by }, `: ${why}`] }] as const;
    const end = { state: "refused", result: "an approver rejected it", by, parts, only: isWaiting } as const;
    const at = this.#shown.placeOf(operation);
    const isEnded = await this.#inTurn(id, "rejected", async () => {
      await this.#world.audit.append(by, id, { kind: "rejected", digest: operation.digest, reason: why });
      return endPlanned(id, end, this.#world, this.#endings, at);
    });
    if (!isEnded) throw this.#tooLate(id, "rejected");
    this.#shown.forget(id);
    this.#inThread(operation, rejectedNotice(operation, by, why));
    return { title: `${id} is rejected`, tone: "good", parts: [], next: [detailsOf(id)] };
  }

  /** The person may confirm the plan, which is checked where the command arrives. */
  async #breakGlass(id: string, why: string, by: string): Promise<Reply> {
    const operation = await this.#waiting(id, by, "confirmed without an approver");
    const { digest } = operation;
    const { review, broken } = await this.#inTurn(id, "confirmed without an approver", async () => {
      await this.#world.audit.append(by, id, { kind: "break-glass", digest, reason: why });
      const review = await this.#glass.opened(operation, why, by);
      const given = { kind: "break-glass", by, at: review.at, digest, reason: why } as const;
      const broken = await this.#give(operation, given).catch(async (error: unknown) => {
        await this.#glass.wasTooLate(review);
        throw error;
      });
      return { review, broken };
    });
    this.#show(broken);
    this.#glass.notifies(review);
    return {
      title: `${id} needs no approver now`,
      tone: "warning",
      parts: [
        {
          kind: "text",
          text: `Confirm it. Every admin of its clusters is notified, and ${review.id} stays open until one closes it.`,
        },
      ],
      next: [detailsOf(id), "review list"],
    };
  }

  /** Of two decisions at once the second finds the plan decided, before the audit log has an entry of it. */
  async #inTurn<T>(id: string, what: Decision, decides: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(id) ?? { turn: new InTurn(), count: 0 };
    this.#turns.set(id, turns);
    turns.count += 1;
    try {
      return await turns.turn.run(async () => {
        const operation = this.#world.operations.get(id);
        if (operation === null || !this.#isOpen(operation)) throw this.#tooLate(id, what);
        return decides();
      });
    } finally {
      turns.count -= 1;
      if (turns.count === 0) this.#turns.delete(id);
    }
  }

  /** The plan, if this person may decide about it now. */
  async #waiting(id: string, by: string, what: Decision): Promise<Operation> {
    await this.#shown.posted(id);
    const operation = this.#world.operations.get(id);
    if (operation === null) throw notFound(id, what);
    if (!this.#isOpen(operation)) throw this.#tooLate(id, what);
    const { askedBy, second } = operation;
    if (second === null) {
      throw new Refusal(
        `${id} can't be ${what}`,
        reason("SECOND_PERSON", "it needs no second person", "confirm or cancel it"),
      );
    }
    if (by.startsWith("terminal:") && what === "approved") {
      const why = "a terminal does not show which person types";
      throw new Refusal(`${id} can't be approved here`, reason("SECOND_PERSON", why, "approve it in Slack"));
    }
    if (by === askedBy && what === "approved") {
      throw new Refusal(`${id} can't be approved by you`, reason("SECOND_PERSON", "you asked for it"));
    }
    const { clusters } = second;
    const needed = what === "approved" || what === "rejected" ? approverOf(clusters) : { ...anyChange, clusters };
    const missing = await this.#world.permission.whyNot(by, needed, { fresh: true });
    if (missing !== null) throw refusalOf(missing);
    return operation;
  }

  async #give(operation: Operation, given: Given): Promise<Operation> {
    const { id, second } = operation;
    if (second === null) throw new TypeError(`${id} has no second person`);
    // Decided before anything is awaited: of two people only one succeeds.
    const only = (before: Operation) => isWaiting(before) && this.#isOpen(before);
    const changed = await this.#world.operations.change(id, ["planned"], { second: { ...second, given } }, only);
    if (changed === null)
      throw this.#tooLate(id, given.kind === "approved" ? "approved" : "confirmed without an approver");
    return changed;
  }

  #isOpen({ state, expiresAt, second }: Operation): boolean {
    const isExpired = Date.parse(expiresAt) <= this.#world.clock.now().getTime();
    return state === "planned" && !isExpired && (second === null || second.given === null);
  }

  #tooLate(id: string, what: string): Refusal {
    const operation = this.#world.operations.get(id);
    const given = operation?.second?.given ?? null;
    const isOpen = operation?.state === "planned";
    const why =
      isOpen && given !== null
        ? reason("PLAN_ENDED", `${given.by} decided before`)
        : isOpen || operation?.state === "expired"
          ? reason("PLAN_EXPIRED", "nobody confirmed the plan in time")
          : reason("PLAN_ENDED", `${id} is ${operation?.state ?? "forgotten"} already`);
    return new Refusal(`${id} can't be ${what} any more`, why, { next: [`operation show ${id}`] });
  }

  /** The plan's message gets the buttons that it can now have. Best effort: a click on it says the same. */
  #show(operation: Operation): void {
    const { id, messageId } = operation;
    if (messageId === null) return;
    this.#shown
      .placeOf(operation)
      .revise(messageId, this.#shown.messageOf(operation), true)
      .catch((error) => this.#world.log.error(`${id}: showing that it is approved`, error));
  }

  /** The asker is mentioned, so that they are notified. */
  #inThread({ id, place, messageId }: Operation, reply: Reply): void {
    const { conversations, log } = this.#world;
    if (messageId === null) return;
    conversations
      .inThread(place, messageId)
      .say({ reply })
      .catch((error) => log.error(`${id}: notifying the person who asked`, error));
  }
}

const isWaiting = ({ second }: Operation): boolean => second !== null && second.given === null;

const notFound = (id: string, what: string): Refusal =>
  new Refusal(`${id} can't be ${what}`, reason("NOT_FOUND", "the bot keeps no operation of this id"), {
    next: ["operation list"],
  });
