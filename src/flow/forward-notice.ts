import { errorReply } from "../core/error-reply.ts";
import { quoted } from "../core/host-text.ts";
import { operatorError, reason } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";

interface Away {
  readonly setting: string;
  readonly receiver: string;
  readonly sinceMs: number;
  readonly problem: string;
  readonly waiting: number;
}

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** A receiver of audit entries is away for long. It is posted once. */
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
