import { frozenPart } from "../access/frozen.ts";
import { PLANS_OF_ALL } from "../core/open-plans.ts";
import type { Operation } from "../core/operation.ts";
import type { Part, Reply } from "../core/reply.ts";
import { approvedParts, buttonsOf, decisions, planOnRecord, withSecondPerson } from "./approval-replies.ts";
import { frozenNow } from "./freezing.ts";
import type { Buttons, Channel, Message, World } from "./ports.ts";

/** How a plan was shown first. The plan itself is not kept: its message is made again from this. */
interface ShownPlan {
  readonly reply: Reply;
  /** What the policy asks. */
  readonly asks: readonly Part[];
  /** What can't be undone, for the form. */
  readonly warning: string | null;
  /** Where it was asked. A terminal that waits there sees what is decided. */
  readonly at: Channel;
}

type WithButtons = Message & { readonly buttons: Buttons };

/** The messages of plans that wait. Each has above the plan what freezes, its policy and its second person say. */
export class ShownPlans {
  readonly #world: Pick<World, "freezes" | "clock" | "conversations">;
  readonly #plans = new Map<string, ShownPlan>();
  /** Settles when people can read all of the message. */
  readonly #posted = new Map<string, Promise<unknown>>();

  constructor(world: Pick<World, "freezes" | "clock" | "conversations">) {
    this.#world = world;
  }

  keep({ id }: Operation, plan: ShownPlan): void {
    this.#plans.set(id, plan);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > PLANS_OF_ALL && oldest !== undefined) this.forget(oldest);
  }

  forget(id: string): void {
    this.#plans.delete(id);
    this.#posted.delete(id);
  }

  /** Whether this run of the bot made the plan. */
  has(id: string): boolean {
    return this.#plans.has(id);
  }

  ids(): readonly string[] {
    return [...this.#plans.keys()];
  }

  isPosted(id: string, posted: Promise<unknown>): void {
    this.#posted.set(id, posted);
  }

  /** Nobody decides about what is not shown completely. */
  async posted(id: string): Promise<void> {
    await this.#posted.get(id)?.catch(() => undefined);
  }

  placeOf({ id, place }: Operation): Channel {
    return this.#plans.get(id)?.at ?? this.#world.conversations.at(place);
  }

  /** The message that the plan has now. After a start it is made of the record. */
  messageOf(operation: Operation): WithButtons {
    const { id, clusters } = operation;
    const { reply, warning } = this.#plans.get(id) ?? { reply: planOnRecord(operation), warning: null };
    const frozen = frozenNow(this.#world, clusters);
    const above = frozen.length === 0 ? [] : [frozenPart(frozen)];
    const shown = this.#withDecision(operation, reply);
    return { reply: { ...shown, parts: [...above, ...shown.parts] }, buttons: buttonsOf(operation, warning) };
  }

  #withDecision(operation: Operation, reply: Reply): Reply {
    const { id, second } = operation;
    const asks = this.#plans.get(id)?.asks ?? [];
    if (second === null) return { ...reply, parts: [...reply.parts, ...asks] };
    if (second.given === null) return withSecondPerson(reply, asks, decisions(operation));
    return withSecondPerson(reply, approvedParts(operation), []);
  }
}
