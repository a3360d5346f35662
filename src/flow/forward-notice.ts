import { errorReply } from "../core/error-reply.ts";
import { quoted } from "../core/host-text.ts";
import { operatorError, reason } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";

/** A receiver of audit entries that takes none for long. */
export interface Away {
  readonly setting: string;
  readonly receiver: string;
  /** When the first attempt failed, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Why the latest attempt failed. */
  readonly problem: string;
  /** Entries that the receiver does not have. */
  readonly waiting: number;
}

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** It is posted once in an outage. */
export const awayNotice = ({ setting, receiver, sinceMs, problem, waiting }: Away): Reply =>
  errorReply(
    operatorError(`${setting} ${receiver} takes no audit entries`, [
      reason("AUDIT_NOT_FORWARDED", `since ${time(sinceMs)}: ${quoted(problem)}`),
      reason("AUDIT_NOT_FORWARDED", `entries that it does not have: ${waiting}; none is lost`),
    ]),
  );

/** The end of what `awayNotice` reported. */
export const backNotice = ({ setting, receiver, sinceMs }: Pick<Away, "setting" | "receiver" | "sinceMs">): Reply => ({
  title: `${setting} ${receiver} takes audit entries again`,
  tone: "good",
  parts: [{ kind: "text", text: `It took none since ${time(sinceMs)}. It gets all of them, in their order.` }],
  next: [],
});
