import type { Finding } from "../core/finding.ts";
import type { Reply } from "../core/reply.ts";
import { isChange } from "../watch/accepted.ts";
import type { Clock, Conversations, Log } from "./ports.ts";

interface Setting {
  readonly conversations: Pick<Conversations, "inThread">;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a finding of this kind must last before people read of it. */
  readonly lastsMs: (kind: Finding["kind"]) => number;
}
/** The thread in which people read of it. `key`, `since`: to find an earlier line. "none": there is no thread. */
export type EffectsThread =
  | { readonly place: string; readonly messageId: string; readonly key: string; readonly since: string }
  | "none";
/** What covers findings: an operation, or a pause. */
interface Covering {
  readonly id: string;
  /** `op-7 causes this` */
  readonly why: string;
  /** null: its message is not posted yet. */
  readonly thread: () => EffectsThread | null;
}
interface CoveredFinding {
  /** When it was first seen. The same fact at another time begins again. */
  readonly sinceMs: number;
  readonly text: string;
  /** `read`: it is in the thread's message, or there is no thread. */
  state: "passing" | "lasting" | "read";
}
interface Covered {
  readonly by: Covering;
  readonly findings: Map<string, CoveredFinding>;
  /** null until its message is posted, or found. */
  messageId: string | null;
  timer: NodeJS.Timeout | null;
  notedMs: number;
  /** Since when its line can't be posted; null: it can, or nobody tried. */
  failingSinceMs: number | null;
}

/** The line waits for what comes at the same time, and is updated at most this often, in milliseconds. */
const MERGE_MS = 5_000;
/** A post that failed is tried again after this time, in milliseconds. */
const AGAIN_MS = 30_000;
/** After this time without success, in milliseconds, nobody waits for its line any more. */
const GIVE_UP_MS = 3_600_000;
/** An operation is forgotten after this time without a finding, in milliseconds. */
const FORGET_MS = 600_000;

/** What an operation causes on its hosts is no incident. It is one line in the operation's thread, kept current. */
export class CoveredFindings {
  readonly #setting: Setting;
  readonly #covered = new Map<string, Covered>();
  #stopped = false;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Called in each round in which the finding is there. Returns whether people can read of it. */
  note(by: Covering, finding: Finding, sinceMs: number): boolean {
    const { key, kind, text } = finding;
    if (this.#stopped) return false;
    const nowMs = this.#setting.clock.now().getTime();
    this.#forget(nowMs);
    const covered: Covered = this.#covered.get(by.id) ?? {
      by,
      findings: new Map(),
      messageId: null,
      timer: null,
      notedMs: nowMs,
      failingSinceMs: null,
    };
    covered.notedMs = nowMs;
    this.#covered.set(by.id, covered);
    const before = covered.findings.get(key);
    const found: CoveredFinding =
      before?.sinceMs === sinceMs ? before : { sinceMs, text, state: before?.state === "read" ? "read" : "passing" };
    covered.findings.set(key, found);
    const lastsMs = isChange(finding) ? 0 : this.#setting.lastsMs(kind);
    if (found.state === "passing" && nowMs - found.sinceMs >= lastsMs) {
      found.state = "lasting";
      this.#postIn(MERGE_MS, covered);
    }
    return found.state === "read";
  }

  /** The operation that covered this finding before. null: there is none. */
  operationOf({ key }: Finding, sinceMs: number): string | null {
    const all = [...this.#covered];
    return all.find(([, { findings }]) => findings.get(key)?.sinceMs === sinceMs)?.[0] ?? null;
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#covered.values()) if (timer) clearTimeout(timer);
    this.#covered.clear();
  }

  #forget(nowMs: number): void {
    for (const [id, { timer, notedMs }] of this.#covered)
      if (timer === null && nowMs - notedMs > FORGET_MS) this.#covered.delete(id);
  }

  #postIn(ms: number, covered: Covered): void {
    if (this.#stopped) return;
    covered.timer ??= setTimeout(() => {
      this.#post(covered).then(
        () => {
          covered.timer = null;
          covered.failingSinceMs = null;
          if ([...covered.findings.values()].some(({ state }) => state === "lasting")) this.#postIn(MERGE_MS, covered);
        },
        (error: unknown) => {
          const nowMs = this.#setting.clock.now().getTime();
          if (covered.failingSinceMs === null)
            this.#setting.log.error(`posting what ${covered.by.id} covers, again every 30 s`, error);
          covered.failingSinceMs ??= nowMs;
          covered.timer = null;
          if (nowMs - covered.failingSinceMs < GIVE_UP_MS) this.#postIn(AGAIN_MS, covered);
          else for (const finding of covered.findings.values()) finding.state = "read";
        },
      );
    }, ms);
  }

  async #post(covered: Covered): Promise<void> {
    const shown = [...covered.findings.values()].filter(({ state }) => state !== "passing");
    const thread = covered.by.thread();
    if (thread === null) throw new Error("its message is not posted yet");
    if (thread !== "none") {
      const { place, messageId, key, since } = thread;
      const channel = this.#setting.conversations.inThread(place, messageId);
      const reply = coveredReply(
        covered.by.why,
        shown.map(({ text }) => text),
      );
      // An earlier process of the bot may have posted it.
      covered.messageId ??= await channel.find(key, since);
      if (covered.messageId === null) covered.messageId = await channel.say({ reply, key });
      else await channel.revise(covered.messageId, { reply }, false);
    }
    for (const finding of shown) finding.state = "read";
  }
}

/** `why`: `op-7 causes this`. `shown`: the findings in words. */
export function coveredReply(why: string, shown: readonly string[]): Reply {
  const more = shown.length === 1 ? "" : `, and ${shown.length - 1} more`;
  return {
    title: `${why}, so it is no incident`,
    tone: "plain",
    parts: [{ kind: "text", text: `${shown[0] ?? ""}${more}` }],
    next: [],
  };
}
