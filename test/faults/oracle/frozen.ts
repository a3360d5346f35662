import { textIn } from "../../scenario/message-text.ts";
import type { Evidence } from "../evidence.ts";
import { AccessRecord } from "./access-record.ts";
import { loggedOperations } from "./logged-operations.ts";

/**
 * No operation began on a cluster while it was frozen. One that had passed its check when the freeze came is named in
 * the answer to that freeze. Without that answer nobody knows it, and it counts as one that had passed.
 */
export function begunWhileFrozen(evidence: Evidence): string[] {
  const access = new AccessRecord(evidence);
  return loggedOperations(evidence).flatMap(({ id, confirmed, first, where }) => {
    if (first === null || confirmed === null) return [];
    const clusters = typeof where === "string" ? [] : where;
    const span = { from: confirmed.end, to: first.begin };
    const { through, begun } = access.frozen(clusters, span, first.atMs);
    const passed = begun.filter((freeze) => {
      const answers = answersTo(freeze.reason, evidence);
      return answers.length > 0 && !answers.some((text) => text.includes(`${id} (`));
    });
    return [
      ...through.map(({ cluster, by }) => `${id} began while ${cluster ?? "all"} was frozen by ${by}`),
      ...passed.map(
        ({ cluster, by }) => `${id} began after ${by} froze ${cluster ?? "all"}, and the answer does not name it`,
      ),
    ];
  });
}

/** What people read when a cluster was frozen for this reason. */
const answersTo = (reason: string, { events }: Evidence): string[] =>
  events.flatMap((event) => {
    if (event.kind !== "message") return [];
    const text = textIn(event.message);
    return /\bfrozen$/m.test(text.split("\n")[0] ?? "") && text.includes(reason) ? [text] : [];
  });
