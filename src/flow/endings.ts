import { errorNote } from "../core/error-reply.ts";
import { type AuditEvent, type Operation, type OperationState, planKeyOf } from "../core/operation.ts";
import { operatorError, reason } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
import { Undelivered } from "../core/undelivered.ts";
import { endPosts } from "./end-posts.ts";
import type { OncePosts } from "./once-posts.ts";
import { Pauses } from "./pauses.ts";
import type { AuditLog, Channel, OperationStore, World } from "./ports.ts";
import { Writing } from "./writing.ts";

interface End {
  /** The states that the operation may have in the file until then. */
  readonly from: readonly OperationState[];
  readonly state: OperationState;
  /** One sentence, without its full stop. */
  readonly result: string;
  readonly by: string;
  /** Earlier events that could not be written into the audit log at their time. */
  readonly unwritten?: readonly AuditEvent[];
  /** The audit log has this end already, for example after a restart, or gets no entry of it. */
  readonly isLogged?: boolean;
  /** Whether people know it already. */
  readonly notified?: boolean;
}

/** An operation that has ended, and the writes that are left. */
export interface Ended {
  readonly operation: Operation;
  readonly writing: Writing;
  /** Why its end is not yet on disk; null: it is. */
  readonly notWritten: string | null;
}

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 120_000;
/** The most ends that the bot tries to post at the same time. The others wait for their turn. */
const MOST_UNNOTIFIED = 100;
/** Attempts of a first turn. A later turn has one. A turn continues as long as no other end waits. */
const ATTEMPTS_OF_FIRST_TURN = 6;

/** An end that its place does not show yet. */
interface Unnotified {
  readonly id: string;
  readonly isNotified: () => Promise<boolean>;
  readonly isFirstTurn: boolean;
}

/**
 * The ends of operations. Each end is written to disk and posted where the command was sent. A failed write or post
 * is tried again until it succeeds. Until then the end is posted to the person who confirmed it, or else to the bot's
 * first channel.
 */
export class Endings {
  readonly #world: World;
  readonly #pauses: Pauses;
  /** How many ends have a turn now. */
  #turns = 0;
  #waiting: Unnotified[] = [];
  #isStopped = false;
  /** Operations that have ended, but not yet on disk. */
  readonly #unwritten = new Map<string, Operation>();

  constructor(world: World) {
    this.#world = world;
    this.#pauses = new Pauses(world);
  }

  /** Writes the end. A failed write is tried again later. Throws only if the bot stops before the write succeeds. */
  async write(operation: Operation, end: End): Promise<Ended> {
    const { audit, operations, clock, log } = this.#world;
    const { from, state, result, by, unwritten = [], isLogged = false, notified = false } = end;
    const finishedAt = clock.now().toISOString();
    const ended = { ...operation, state, result, finishedAt, notified };
    const events: AuditEvent[] = isLogged ? [] : [...unwritten, { kind: "ended", state, result }];
    const patch = () => ({ state, result, finishedAt, notified, auditTo: audit.position() });
    const writing = new Writing(
      [
        ...events.map((event) => () => audit.append(by, operation.id, event)),
        () => operations.change(operation.id, [...from, state], patch()),
        async () => this.#unwritten.delete(operation.id),
      ],
      this.#pauses,
    );
    this.#unwritten.set(operation.id, ended);
    const problem = await writing.now();
    if (problem !== null && this.#world.isStopping()) throw problem;
    if (problem !== null) log.error(`${nameOf(ended)}, which could not be written and is tried again`, problem);
    return { operation: ended, writing, notWritten: problem === null ? null : problem.message };
  }

  /**
   * Ends an operation that its channel does not show. The asker has the reason as the answer, and the log has no entry
   * of this end: the disk or the channel may have refused the plan itself.
   */
  async cancelAnswered(operation: Operation, result: string): Promise<void> {
    const { state: before, askedBy: by } = operation;
    const end = { state: "cancelled", result, by, isLogged: true, notified: true } as const;
    await this.write(operation, { from: [before], ...end });
  }

  /** The store with the newest states, also of ends that are not yet on disk. */
  known(operations: OperationStore): OperationStore {
    const now = (operation: Operation): Operation => this.#unwritten.get(operation.id) ?? operation;
    return {
      ...operations,
      get: (id) => {
        const found = operations.get(id);
        return found === null ? null : now(found);
      },
      latest: (limit) => operations.latest(limit).map(now),
    };
  }

  /** For an end that is on disk already, for example after a start. */
  asWritten(operation: Operation): Ended {
    return { operation, writing: new Writing([], this.#pauses), notWritten: null };
  }

  /** Posts the end. Never throws; resolves after the first attempt. */
  async notify(ended: Ended, shown: Reply, at?: Channel): Promise<void> {
    const { operation } = ended;
    // The foot names the end's place in the log. An end that is not written yet has none.
    const reply = ended.notWritten === null ? { ...shown, foot: auditFoot(this.#world.audit) } : shown;
    const posts = endPosts(operation, this.#world);
    const problem = await this.#notifiedThere(operation, reply, posts, at ?? this.#place(operation));
    if (problem === null) return this.#markNotified(ended);
    if (this.#world.isStopping()) return;
    this.#world.log.error(`${nameOf(operation)}: its place did not accept this end; the bot tries again`, problem);
    let isElsewhere =
      operation.notifiedElsewhere !== null || (await this.#notifiedElsewhere(ended, reply, posts, problem));
    const isNotified = async (): Promise<boolean> => {
      const again = await this.#notifiedThere(operation, reply, posts, this.#place(operation));
      if (again === null) {
        this.#world.log.info(`${nameOf(operation)}: its place has this end now`);
        await this.#markNotified(ended);
        return true;
      }
      if (!isElsewhere) isElsewhere = await this.#notifiedElsewhere(ended, reply, posts, again);
      return false;
    };
    this.#waiting.push({ id: operation.id, isNotified, isFirstTurn: true });
    this.#giveTurns();
  }

  #giveTurns(): void {
    while (!this.#isStopped && this.#turns < MOST_UNNOTIFIED) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#turns++;
      void this.#turnOf(next);
    }
  }

  /**
   * The turn ends when the end is posted. It also ends after its attempts if others wait; this end then waits behind
   * them.
   */
  async #turnOf({ id, isNotified, isFirstTurn }: Unnotified): Promise<void> {
    let left = isFirstTurn ? ATTEMPTS_OF_FIRST_TURN : 1;
    let isOver = false;
    const attempt = async (): Promise<boolean> => {
      isOver = await isNotified();
      left--;
      return isOver || (left <= 0 && this.#waiting.length > 0);
    };
    try {
      await this.#pauses.until(attempt, isFirstTurn ? FIRST_PAUSE_MS : LONGEST_PAUSE_MS, LONGEST_PAUSE_MS);
    } catch (error) {
      this.#world.log.error(`${id}: posting its end`, error);
    }
    this.#turns--;
    if (!isOver) this.#waiting.push({ id, isNotified, isFirstTurn: false });
    this.#giveTurns();
  }

  /** What is left is done after the next start. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
    this.#pauses.stop();
  }

  #place({ place }: Operation): Channel {
    return this.#world.conversations.at(place);
  }

  /** Why the end could not be posted where the command was sent; null: it is posted. */
  async #notifiedThere(operation: Operation, reply: Reply, posts: OncePosts, at: Channel): Promise<unknown> {
    const once = posts.at(at.place, { reply });
    try {
      // The bot may not have written which message shows the plan, because it was killed or its disk was full.
      const messageId = operation.messageId ?? (await at.find(planKeyOf(operation), operation.askedAt));
      if (messageId === null) await at.say({ reply }, once);
      else await at.revise(messageId, { reply }, true, once);
      return null;
    } catch (error) {
      return error ?? "an unknown error";
    }
  }

  /** Posts the end to the person who confirmed it, or else to the bot's first channel. */
  async #notifiedElsewhere(
    { operation, writing }: Ended,
    reply: Reply,
    posts: OncePosts,
    problem: unknown,
  ): Promise<boolean> {
    const { conversations, log } = this.#world;
    const person = conversations.withPerson(operation.confirmedBy ?? operation.askedBy);
    const others = [person, conversations.home()].filter((each) => each !== null);
    for (const other of others.filter(({ place }) => place !== operation.place)) {
      try {
        const message = { reply: { ...reply, parts: [notifiedHere(problem), ...reply.parts] } };
        await other.say(message, posts.at(other.place, message));
        const patch = { notifiedElsewhere: other.place };
        writing.later(() => this.#world.operations.change(operation.id, [operation.state], patch));
        return true;
      } catch (error) {
        log.error(`${nameOf(operation)}: ${other.place} did not accept this end either`, error);
      }
    }
    return false;
  }

  async #markNotified({ operation, writing }: Ended): Promise<void> {
    await writing.later(() =>
      this.#world.operations.change(operation.id, [operation.state], { notified: true, posting: [] }),
    );
  }
}

/** `op-3 "Add ps-1 to cluster-1" ended done (all steps done in 4 s)` */
const nameOf = ({ id, title, state, result }: Operation): string =>
  `${id} ${JSON.stringify(title)} ended ${state} (${result ?? state})`;

function notifiedHere(problem: unknown): Part {
  const [why, fix] =
    problem instanceof Undelivered
      ? [`${problem.place} did not accept it: ${problem.why}`, problem.fix]
      : ["a bug prevented it in its own place", null];
  return errorNote(
    operatorError("This result is posted here now, and in its own place as soon as possible", [
      reason("SLACK_FAILED", why, fix ?? "wait: the bot tries again by itself"),
    ]),
  );
}

/** How a message reports that an end is not on disk. */
export const notWrittenParts = (notWritten: string | null): Part[] =>
  notWritten === null
    ? []
    : [
        errorNote(
          operatorError(
            "This result is not on disk yet",
            reason(
              "DATA_NOT_WRITTEN",
              notWritten,
              "make room on the disk of the bot; then it writes this result and accepts changes again",
            ),
          ),
        ),
      ];

/** Enough digits that nobody can make another log with the same ones. */
export const SHOWN_DIGITS = 16;

/**
 * The last line of an operation's end: the number and the hash of the log's last entry. The chain alone proves the
 * order of entries, not who wrote them. The line in Slack shows if the log was rewritten later. It is made after the
 * operation's own end is in the log. `npm run audit:verify -- --anchor N:HASH` compares it.
 */
function auditFoot(audit: AuditLog): string {
  const { id, hash } = audit.head();
  return `audit ${id}:${hash.slice(0, SHOWN_DIGITS)}`;
}
