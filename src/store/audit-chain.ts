import type { Anchor } from "../core/audit-anchor.ts";
import type { BrokenLog } from "../core/audit-verdict.ts";
import type { AuditEntry } from "../core/operation.ts";
import type { OperationStore } from "../flow/ports.ts";
import type { Line } from "./audit-file.ts";
import { brokenLink, type Link, parseAuditLine } from "./audit-line.ts";
import type { LogFile } from "./audit-log-file.ts";

export interface WholeChain {
  readonly kind: "whole";
  /** The number of the last entry. */
  readonly entries: number;
  /** The length of all complete lines of all files: the rest is a partial line. */
  readonly bytes: number;
  readonly lastHash: string | null;
}
export type ChainVerdict = WholeChain | BrokenLog;

/** The least length of the log, and who knows it. */
export interface KnownLength {
  readonly bytes: number;
  readonly says: string;
}
/** Facts about the log from other files or from Slack. */
export interface LogFacts {
  readonly lengths?: readonly KnownLength[];
  readonly anchors?: readonly Anchor[];
  /** The entry before the first file that is checked; null: there is none. */
  readonly before?: Link | null;
  /** The last file that is checked is closed too. */
  readonly isLastClosed?: boolean;
}

/**
 * Checks every entry and every link of the log's files, and compares it with the known facts. Reads them once, the
 * oldest first, and stops at the first bad line. Others have their turn after each block of 64 KiB. `seen` gets each
 * entry, with its place in its file.
 */
export async function verifyChain(
  files: readonly LogFile[],
  known: LogFacts = {},
  seen: (entry: AuditEntry, line: Line) => void = () => undefined,
): Promise<ChainVerdict> {
  const { before = null } = known;
  const anchors = new Anchors(known.anchors ?? []);
  let last: Link | null = before;
  let bytes = files[0]?.from ?? 0;
  let path = "";
  let number = 0;
  let firstId = 1;
  const broken = (line: number, problem: string): BrokenLog => {
    return { kind: "broken", path, line, entry: firstId + line - 1, problem };
  };
  for (const file of files) {
    path = file.path;
    firstId = file.firstId;
    number = 0;
    bytes = file.from;
    const lines = file.lines();
    try {
      for (;;) {
        const line = await nextOrProblem(lines);
        if (line === null) break;
        number++;
        if (typeof line === "string") return broken(number, line);
        bytes = file.from + line.end;
        const read = entryOrProblem(line.text);
        if (typeof read === "string") return broken(number, read);
        const problem = brokenLink(last, read) ?? anchors.problemOf(read);
        if (problem !== null) return broken(number, problem);
        last = read;
        seen(read, line);
      }
    } finally {
      await lines.return(undefined);
    }
    // Only the current file may end in a partial line.
    const isClosed = file !== files.at(-1) || known.isLastClosed === true;
    if (isClosed && Math.max(await file.textBytes(), file.bytes) > bytes - file.from) {
      return broken(number + 1, "text follows its last entry");
    }
  }
  const longer = known.lengths?.find((length) => length.bytes > bytes);
  if (longer !== undefined) {
    return broken(number + 1, `it is missing: the log ends at byte ${bytes}, but ${longer.says}`);
  }
  const entries = last?.id ?? 0;
  const beyond = anchors.after(entries);
  if (beyond !== null) {
    const count = entries === 1 ? "1 entry" : `${entries} entries`;
    return broken(
      number + 1,
      `it is missing: the log has ${count}, but entry ${beyond.id} was ${beyond.how ?? "reported"} as ${beyond.hash}`,
    );
  }
  return { kind: "whole", entries, bytes, lastHash: last?.hash ?? null };
}

/** The known hashes of entries, by their number. */
class Anchors {
  readonly #byId = new Map<number, Anchor[]>();
  #last: Anchor | null = null;

  constructor(anchors: readonly Anchor[]) {
    for (const each of anchors) {
      const others = this.#byId.get(each.id);
      if (others === undefined) this.#byId.set(each.id, [each]);
      else others.push(each);
      if (each.id > (this.#last?.id ?? 0)) this.#last = each;
    }
  }

  problemOf({ id, hash }: AuditEntry): string | null {
    const other = this.#byId.get(id)?.find((each) => !hash.startsWith(each.hash));
    if (other === undefined) return null;
    const own = hash.slice(0, other.hash.length);
    return `entry ${id} has the hash ${own}, but ${other.hash} was ${other.how ?? "reported"}: it or an earlier entry was rewritten`;
  }

  /** The last one with a greater number, or null. */
  after(id: number): Anchor | null {
    return this.#last !== null && this.#last.id > id ? this.#last : null;
  }
}

/** What the operations and the inventory of the same folder know of the log's length. */
export const lengthsKnownTo = (operationsKnow: number, inventory: KnownLength | null): KnownLength[] => [
  { bytes: operationsKnow, says: `operations.json knows ${operationsKnow}` },
  ...(inventory === null ? [] : [inventory]),
];

/** The least length of the log that its operations know: each has the start and end of its entries. */
export const bytesKnownTo = (operations: OperationStore): number =>
  operations
    .latest(Number.MAX_SAFE_INTEGER)
    .reduce((most, { auditFrom, auditTo }) => Math.max(most, auditFrom, auditTo ?? 0), 0);

/** null at the end. */
async function nextOrProblem(lines: AsyncGenerator<Line>): Promise<Line | string | null> {
  try {
    const { done, value } = await lines.next();
    return done ? null : value;
  } catch (error) {
    // A read error of the disk is not an error of the chain. A packed file that was changed is one.
    if (!(error instanceof Error) || "syscall" in error) throw error;
    return error.message;
  }
}

function entryOrProblem(text: string): AuditEntry | string {
  try {
    return parseAuditLine(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
