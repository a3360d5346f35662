import { retryUntil, SlackFailed, type Time } from "./retry.ts";

/** Slack takes about one post a second in a channel, and a few at once. */
const POST_INTERVAL_MS = 1_000;
const BURST = 3;
/** How long a failed post is tried again after its turn has come … */
const TRIES_MS = 30_000;
/** … and how long a post waits for its turn. */
const LONGEST_WAIT_MS = 120_000;
/** More posts would not have their turn in that time. Posts that complete a message have separate places. */
const MOST_WAITING = 150;
const MOST_FIRST = 150;
/** With more channels than this, the queues that rest are removed. */
const KEPT = 100;

interface Waiting {
  readonly enqueuedAt: number;
  /** Sends the post; false if Slack takes nothing now. Never rejects. */
  begin(triesMs: number): Promise<boolean>;
  cancel(why: SlackFailed): void;
}

/** The posts of one channel, one after another at Slack's pace. */
class ChannelQueue {
  readonly #time: Time;
  readonly #intervalMs: number;
  readonly #waiting: Waiting[] = [];
  #working = false;
  #left = BURST;
  #countedAt: number;

  constructor(time: Time, intervalMs: number) {
    this.#time = time;
    this.#intervalMs = intervalMs;
    this.#countedAt = time.now();
  }

  add(waiting: Waiting, first: boolean): void {
    if (this.#waiting.length >= MOST_WAITING + (first ? MOST_FIRST : 0)) {
      waiting.cancel(tooMany());
      return;
    }
    if (first) this.#waiting.unshift(waiting);
    else this.#waiting.push(waiting);
    if (!this.#working) void this.#work();
  }

  /** Whether a new queue would do the same: no post waits, and the whole burst is available. */
  isIdle(): boolean {
    this.#count();
    return !this.#working && this.#left >= BURST;
  }

  async #work(): Promise<void> {
    this.#working = true;
    let takes = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#time.now() - next.enqueuedAt > LONGEST_WAIT_MS) {
        next.cancel(tooMany());
        continue;
      }
      await this.#turn();
      // After a post that failed to the end, each other post is tried only once, until one succeeds.
      takes = await next.begin(takes ? TRIES_MS : 0);
    }
    this.#working = false;
  }

  /** Waits until the channel may have one more post. */
  async #turn(): Promise<void> {
    this.#count();
    if (this.#left < 1) await this.#time.sleep(Math.ceil((1 - this.#left) * this.#intervalMs));
    this.#count();
    this.#left = Math.max(0, this.#left - 1);
  }

  #count(): void {
    const now = this.#time.now();
    const earned = this.#intervalMs === 0 ? BURST : (now - this.#countedAt) / this.#intervalMs;
    this.#left = Math.min(BURST, this.#left + earned);
    this.#countedAt = now;
  }
}

const tooMany = (): SlackFailed =>
  new SlackFailed(
    {
      about: "moment",
      what: `more posts wait in the channel than Slack takes in ${LONGEST_WAIT_MS / 1000} s`,
      retryAfterMs: null,
    },
    null,
  );

/** Keeps Slack's pace of posts in each channel. Every wait has a limit. */
export class PostQueue {
  readonly #time: Time;
  readonly #intervalMs: number;
  readonly #channels = new Map<string, ChannelQueue>();

  /** `intervalMs`: 0 if the workspace has no limit. */
  constructor(time: Time, intervalMs: number = POST_INTERVAL_MS) {
    this.#time = time;
    this.#intervalMs = intervalMs;
  }

  /**
   * Posts when the post has its turn. A transient failure is tried again. `first`: before all that wait, for a post
   * that completes a message. Rejects with a SlackFailed.
   */
  post<T>(channel: string, send: () => Promise<T>, first = false): Promise<T> {
    const queue = this.#queueOf(channel);
    return new Promise<T>((resolve, reject) => {
      const begin = async (triesMs: number): Promise<boolean> => {
        try {
          resolve(await retryUntil(send, this.#time.now() + triesMs, this.#time));
          return true;
        } catch (error) {
          reject(error);
          return !(error instanceof SlackFailed && error.failure.about === "moment");
        }
      };
      queue.add({ enqueuedAt: this.#time.now(), begin, cancel: reject }, first);
    });
  }

  #queueOf(channel: string): ChannelQueue {
    const known = this.#channels.get(channel);
    if (known !== undefined) return known;
    if (this.#channels.size >= KEPT) {
      for (const [each, queue] of this.#channels) if (queue.isIdle()) this.#channels.delete(each);
    }
    const queue = new ChannelQueue(this.#time, this.#intervalMs);
    this.#channels.set(channel, queue);
    return queue;
  }
}
