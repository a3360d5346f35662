import { anchorIn } from "./audit-anchor.ts";
import type { BrokenLog, WholeLog } from "./audit-verdict.ts";
import { counted } from "./counted.ts";
import type { Facts } from "./facts.ts";
import { Refusal, reason } from "./refusal.ts";
import type { Inline, Reply } from "./reply.ts";

/** Throws a Refusal that names the first entry that does not fit. */
export async function auditVerifyReply(
  { anchor }: { readonly anchor?: string | undefined },
  facts: Facts,
): Promise<Reply> {
  const anchors = anchor === undefined ? [] : [anchorIn(anchor)];
  const verdict = await facts.audit.verify(anchors);
  if (verdict.kind === "broken") throw damaged(verdict);
  return {
    title: titleOf(verdict),
    tone: "good",
    parts: [
      {
        kind: "fields",
        fields: [
          ["last entry", [{ code: `${verdict.entries}:${(verdict.lastHash ?? "none").slice(0, 16)}` }]],
          ...(verdict.firstId === 1
            ? []
            : [["earlier", `the entries before ${verdict.firstId} are not in the data folder`] as const]),
          ["signed", signedText(verdict)],
          ...anchors.map(({ id, hash }) => ["anchor", `entry ${id} has the hash ${hash}`] as const),
        ],
      },
    ],
    next: [],
  };
}

const titleOf = ({ entries, firstId }: WholeLog): string => {
  const count = entries - firstId + 1;
  return `The audit log is complete: ${count === 1 ? "1 entry fits" : `${count} entries fit`} the one before`;
};

function signedText({ checkpoints, signedTo, keys }: WholeLog): readonly Inline[] {
  if (checkpoints === 0) return ["not yet: an entry is signed every 1,000 entries, and at a stop"];
  const by = keys.flatMap((key, index): Inline[] => [index === 0 ? "" : ", then ", { code: key }]);
  return [`up to entry ${signedTo}, ${counted(checkpoints, "signature")} of the key `, ...by];
}

function damaged({ path, line, entry, problem }: BrokenLog): Refusal {
  const file = path.replace(/^.*?((?:archive\/)?[^/]+)$/, "$1");
  const which = entry === null ? `${file} does not fit` : `Entry ${entry} of the audit log does not fit`;
  return new Refusal(
    which,
    reason("AUDIT_LOG_DAMAGED", `line ${line} of ${file}: ${problem}`, "compare the file with a backup"),
  );
}
