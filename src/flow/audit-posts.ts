import { createHash } from "node:crypto";
import type { Reply } from "../core/reply.ts";
import { DailyReport, type KeptReport } from "./daily-report.ts";
import { SHOWN_DIGITS } from "./endings.ts";
import type { AuditLog, Channel, Clock, Log, Message } from "./ports.ts";

interface KeptKey extends KeptReport {
  readonly fingerprint: string;
}

/** What was posted last, on disk. */
export interface KeptPosts {
  read(): { readonly key?: KeptKey | undefined; readonly head?: KeptReport | undefined };
  /** Resolves when it is on disk. */
  keep(posts: { readonly key?: KeptKey | undefined; readonly head?: KeptReport | undefined }): Promise<unknown>;
}

interface Setting {
  readonly audit: AuditLog & { readonly key: PublicKey };
  /** When the head is posted each day, `08:00` by the clock of the bot's computer. */
  readonly at: string;
  readonly channel: Channel;
  readonly kept: KeptPosts;
  readonly clock: Clock;
  readonly log: Log;
  /** A secret of the data folder. */
  readonly key: string;
}
interface PublicKey {
  readonly fingerprint: string;
  readonly publicKey: string;
}

const AGAIN_MS = 60_000;

/**
 * Posts what proves the audit log to people who can't trust the bot's disk: the public key of its signatures when it is
 * new, and once a day the log's last entry with its hash.
 */
export class AuditPosts {
  readonly #setting: Setting;
  readonly #daily: DailyReport;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(setting: Setting) {
    const { audit, kept: posts, at, channel, clock, log, key } = setting;
    this.#setting = setting;
    const kept = { read: () => posts.read().head, keep: (head: KeptReport | undefined) => posts.keep({ head }) };
    const report = async () => headReply(audit);
    this.#daily = new DailyReport({ what: "audit log's head", at, channel, kept, clock, log, key, report });
  }

  start(): void {
    this.#daily.start();
    void this.#postKey();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#daily.stop();
  }

  async #postKey(): Promise<void> {
    const { audit, channel, kept, clock, log, key: secret } = this.#setting;
    const { fingerprint } = audit.key;
    const last = kept.read().key;
    const isKnown = last?.fingerprint === fingerprint;
    if (isKnown && !last.mayBeThere) return;
    const at = isKnown ? last.at : clock.now().toISOString();
    const key = createHash("sha256").update(`${secret} key ${fingerprint}`).digest("hex").slice(0, 32);
    const message: Message = { reply: keyReply(audit.key, last?.fingerprint ?? null), key };
    const mark = async (mayBeThere: boolean) => void (await kept.keep({ key: { fingerprint, at, mayBeThere } }));
    try {
      await channel.say(message, {
        ...{ key, since: at, mayBeThere: isKnown, again: message },
        begins: () => mark(true),
        wasNotTaken: async () => void (await kept.keep({ key: last })),
      });
      await mark(false);
    } catch (error) {
      log.error("posting the key of the audit log", error);
      if (!this.#isStopped) this.#timer = setTimeout(() => void this.#postKey(), AGAIN_MS);
    }
  }
}

function keyReply({ fingerprint, publicKey }: PublicKey, before: string | null): Reply {
  const title = before === null ? "The audit log is signed with this key" : "The audit log is signed with a new key";
  const old = before === null ? [] : [["key before", [{ code: before }]] as const];
  return {
    title,
    tone: before === null ? "plain" : "warning",
    parts: [
      {
        kind: "fields",
        fields: [["fingerprint", [{ code: fingerprint }]], ...old, ["Ed25519 public key", [{ code: publicKey }]]],
      },
      ...(before === null
        ? []
        : [{ kind: "text", text: "The bot did not find the key before in its data folder." } as const]),
      { kind: "text", text: "Keep this message: the fingerprint shows who signed the log." },
    ],
    next: ["audit verify"],
  };
}

/** Posted once a day. */
function headReply(audit: Setting["audit"]): Reply {
  const { id, hash } = audit.head();
  const anchor = `${id}:${hash.slice(0, SHOWN_DIGITS)}`;
  return {
    title: `The audit log has ${id === 1 ? "1 entry" : `${id} entries`}`,
    tone: "plain",
    parts: [
      { kind: "text", text: "Today's last entry, with its hash. A log that was rewritten later does not have it." },
      { kind: "fields", fields: [["signed with the key", [{ code: audit.key.fingerprint }]]] },
    ],
    next: id === 0 ? [] : [`audit verify anchor=${anchor}`],
    foot: `audit ${anchor}`,
  };
}
