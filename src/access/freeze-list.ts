import type { Facts } from "../core/facts.ts";
import type { Cell, Part, Reply } from "../core/reply.ts";
import { currentOrNext } from "./freeze-schedule.ts";
import { frozenAt, namedOrAll } from "./frozen.ts";

const clock = (iso: string): string => iso.slice(0, 16).replace("T", " ");

/** The name of a cluster, marked if no cluster has it. null: all clusters. */
function namedIn({ inventory }: Facts): (cluster: string | null) => string {
  const known = new Set(inventory.clusters.map(({ name }) => name));
  return (cluster) =>
    cluster === null || known.has(cluster) ? namedOrAll(cluster) : `${cluster} (not in the inventory)`;
}

/** What is frozen now, and what is frozen each week. */
export async function freezeListReply(_: unknown, facts: Facts): Promise<Reply> {
  const record = facts.freezes();
  const nowMs = facts.now();
  const named = namedIn(facts);
  // A freeze counts for a later cluster of its name, so it is listed without one too.
  const clusters = [...record.freezes, ...record.schedules].flatMap(({ cluster }) => cluster ?? []);
  const now = frozenAt(record, clusters, nowMs);
  if (record.damaged !== null)
    return {
      title: "All clusters count as frozen",
      tone: "bad",
      parts: [
        { kind: "text", tone: "bad", text: `The file with the freezes can't be read: ${record.damaged}.` },
        { kind: "text", text: "`unfreeze all` writes it again, without any freeze or schedule." },
      ],
      next: [],
    };
  const rows = now.map(({ cluster, by, until, kind, why }): Cell[] => [
    named(cluster),
    until === null ? "a person ends it" : clock(until),
    by === null ? "" : { person: by },
    kind === "schedule" ? `schedule ${why}` : why,
  ]);
  return {
    title:
      now.length === 0
        ? "Nothing is frozen now"
        : `Frozen now: ${[...new Set(now.map(({ cluster }) => named(cluster)))].join(", ")}`,
    tone: now.length === 0 ? "good" : "warning",
    parts: [
      ...(rows.length === 0
        ? []
        : [{ kind: "table", columns: ["cluster", "until (UTC)", "by", "why"], rows } satisfies Part]),
      ...schedulesPart(facts),
    ],
    next: [],
  };
}

function schedulesPart(facts: Facts): Part[] {
  const { schedules } = facts.freezes();
  if (schedules.length === 0) return [{ kind: "text", text: "There is no schedule." }];
  const named = namedIn(facts);
  const rows = schedules.map(({ cluster, window, zone, by }): Cell[] => {
    const { fromMs } = currentOrNext({ window, zone }, facts.now());
    const begins = fromMs <= facts.now() ? "now" : clock(new Date(fromMs).toISOString());
    return [named(cluster), window, zone, begins, { person: by }];
  });
  return [
    {
      kind: "table",
      caption: "Schedules, each week",
      columns: ["cluster", "window", "zone", "next (UTC)", "by"],
      rows,
    },
  ];
}
