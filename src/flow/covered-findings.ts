import type { Finding } from "../core/finding.ts";
import type { Reply } from "../core/reply.ts";
import { isChange } from "../watch/accepted.ts";
import type { Clock, Conversations, Log, OperationStore } from "./ports.ts";

interface Setting {
  readonly operations: Pick<OperationStore, "get">;
  readonly conversations: Pick<Conversations, "inThread">;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a finding of this kind must last before people read of it. */
  readonly lastsMs: (kind: Finding["kind"]) => number;
}
interface Covered {
  /** By key: since when, and in words. */
  readonly findings: Map<string, { readonly sinceMs: number; readonly text: string; isShown: boolean }>;
  /** null until its line is posted. */
  messageId: string | null;
  timer: NodeJS.Timeout | null;
}

/** The line waits for what comes at the same time, and is updated at most this often, in milliseconds. */
const MERGE_MS = 5_000;
/** An operation is forgotten after this time without a finding. */
const FORGET_MS = 600_000;

/** What an operation causes on its hosts is no incident. It is one line in the operation's thread, kept current. */
export class CoveredFindings {
  readonly #setting: Setting;
  readonly #covered = new Map<string, Covered>();
  #stopped = false;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Called in each round in which the finding is there. */
  note(operationId: string, finding: Finding): void {
    const { key, kind, text } = finding;
    if (this.#stopped) return;
    const nowMs = this.#setting.clock.now().getTime();
    const covered = this.#covered.get(operationId) ?? { findings: new Map(), messageId: null, timer: null };
    this.#covered.set(operationId, covered);
    const found = covered.findings.get(key) ?? { sinceMs: nowMs, text, isShown: false };
    covered.findings.set(key, found);
    const lastsMs = isChange(finding) ? 0 : this.#setting.lastsMs(kind);
    if (found.isShown || nowMs - found.sinceMs < lastsMs) return;
    found.isShown = true;
    covered.timer ??= setTimeout(() => void this.#post(operationId, covered), MERGE_MS);
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#covered.values()) if (timer) clearTimeout(timer);
    this.#covered.clear();
  }

  async #post(operationId: string, covered: Covered): Promise<void> {
    const { operations, conversations, log } = this.#setting;
    covered.timer = setTimeout(() => this.#covered.delete(operationId), FORGET_MS).unref();
    const operation = operations.get(operationId);
    if (operation === null || operation.messageId === null) return;
    const thread = conversations.inThread(operation.place, operation.messageId);
    const shown = [...covered.findings.values()].flatMap(({ isShown, text }) => (isShown ? [text] : []));
    const message = { reply: coveredReply(operationId, shown) };
    try {
      if (covered.messageId === null) covered.messageId = await thread.say(message);
      else await thread.revise(covered.messageId, message, false);
      clearTimeout(covered.timer);
      covered.timer = null;
    } catch (error) {
      log.error(`${operationId}: posting what it caused`, error);
    }
  }
}

/** `shown`: the findings in words. */
export function coveredReply(operationId: string, shown: readonly string[]): Reply {
  const more = shown.length === 1 ? "" : `, and ${shown.length - 1} more`;
  return {
    title: `${operationId} causes this, so it is no incident`,
    tone: "plain",
    parts: [{ kind: "text", text: `${shown[0] ?? ""}${more}` }],
    next: [],
  };
}
