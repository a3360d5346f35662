import { type Inline, linesPart, type Part } from "../../core/reply.ts";

/** Beyond this many hosts a line each pushes what follows off the screen; a table can follow in the thread. */
const MOST_LINES = 12;

export interface HostStatus {
  readonly host: string;
  readonly status: string;
  /** How long ago it was seen; null where it is of now. */
  readonly seen: string | null;
  readonly hostId: number | null;
}

/** Each host with its status: lines, or a table of many. */
export function hostStatusPart(caption: string, statuses: readonly HostStatus[]): Part {
  if (statuses.length > MOST_LINES) {
    return {
      kind: "table",
      caption,
      columns: ["host", "status", "seen", "sanlock host id"],
      rows: statuses.map(({ host, status, seen, hostId }) => [host, status, seen ?? "now", idText(hostId)]),
    };
  }
  const lines = statuses.map(({ host, status, seen, hostId }): Inline[] => [
    { bold: host },
    ` ${[status, ...(seen === null ? [] : [`seen ${seen}`]), `sanlock host id ${idText(hostId)}`].join(" · ")}`,
  ]);
  return linesPart(caption, lines);
}

const idText = (hostId: number | null): string => String(hostId ?? "none");
