import type { Operation } from "../core/operation.ts";
import { detailsOf, type Part, type Reply, runAgain } from "../core/reply.ts";
import { recordOf } from "./record.ts";

/** For an end of which only the written state is known. The audit log shows what the steps did. */
export const endedReply = (operation: Operation, more: readonly Part[] = []): Reply => ({
  title: `${operation.title}: ${operation.state} (${operation.id})`,
  tone: operation.state === "done" ? "good" : "bad",
  parts: [
    {
      kind: "text",
      text: [
        "It ended at ",
        operation.finishedAt === null ? "an unknown time" : { at: operation.finishedAt },
        `: ${operation.result ?? operation.state}.`,
      ],
    },
    ...more,
  ],
  next: [...(operation.state === "done" ? [] : [runAgain(operation.words)]), detailsOf(operation.id)],
  record: recordOf(operation),
  asked: `operation show ${operation.id}`,
});
