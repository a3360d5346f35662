import { counted } from "../core/counted.ts";
import type { FreezeRecord } from "../core/freeze.ts";
import { type Reason, Refusal, reason } from "../core/refusal.ts";
import type { Inline, Part } from "../core/reply.ts";
import { currentOrNext } from "./freeze-schedule.ts";

/** What prevents every change of a cluster now. */
export interface Frozen {
  /** null: all clusters. */
  readonly cluster: string | null;
  /** Why, as the person wrote it; or the window; or what is wrong with the file. */
  readonly why: string;
  readonly kind: "freeze" | "schedule" | "damaged";
  /** Who froze it. null: nobody, the file is damaged. */
  readonly by: string | null;
  /** ISO 8601. null: until a person ends it. */
  readonly until: string | null;
}

/** What freezes these clusters at this time. A change that touches no cluster is frozen only with all. */
export function frozenAt(record: FreezeRecord, clusters: readonly string[], nowMs: number): Frozen[] {
  if (record.damaged !== null) return [{ cluster: null, why: record.damaged, kind: "damaged", by: null, until: null }];
  const covers = ({ cluster }: { readonly cluster: string | null }) => cluster === null || clusters.includes(cluster);
  const freezes = record.freezes
    .filter((each) => covers(each) && (each.until === null || Date.parse(each.until) > nowMs))
    .map(({ cluster, reason: why, by, until }): Frozen => ({ cluster, why, kind: "freeze", by, until }));
  const schedules = record.schedules.filter(covers).flatMap(({ cluster, window, zone, by }): Frozen[] => {
    const { fromMs, untilMs } = currentOrNext({ window, zone }, nowMs);
    if (fromMs > nowMs) return [];
    const until = new Date(untilMs).toISOString();
    return [{ cluster, why: `${window} (${zone})`, kind: "schedule", by, until }];
  });
  return [...freezes, ...schedules];
}

export const namedOrAll = (cluster: string | null): string => cluster ?? "all clusters";
const isFrozen = (cluster: string | null): string => (cluster === null ? "all clusters are" : `${cluster} is`);

/** `2026-12-01 07:00 UTC` */
const minute = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;

function reasonOf({ cluster, why, kind, until }: Frozen): Reason {
  if (kind === "damaged") {
    const repair = "`unfreeze all` writes the file again, without any freeze or schedule";
    return reason("FROZEN", `${why}; so all clusters count as frozen`, repair);
  }
  const end = until === null ? "" : ` until ${minute(until)}`;
  const words = kind === "schedule" ? "freeze unschedule" : "unfreeze";
  const fix = `wait until the freeze ends, or end it with \`${words} ${cluster ?? "all"}\``;
  const text = kind === "schedule" ? `frozen by its schedule${end}: ${why}` : `frozen${end}: ${why}`;
  return reason("FROZEN", `${isFrozen(cluster)} ${text}`, fix);
}

/** More of them are counted. */
const MOST_SHOWN = 5;

/** Who froze what, and until when in the reader's own time. Empty if nobody did. */
export function frozenLines(frozen: readonly Frozen[]): Inline[][] {
  const lines = frozen.slice(0, MOST_SHOWN).flatMap(({ cluster, by, until, kind }): Inline[][] => {
    if (by === null) return [];
    const what = `${namedOrAll(cluster)}: ${kind === "schedule" ? "scheduled" : "frozen"} by `;
    const end: Inline[] = until === null ? [", until a person ends it"] : [", until ", { at: until }];
    return [[what, { person: by, isQuiet: true }, ...end]];
  });
  const more = frozen.length - MOST_SHOWN;
  return more > 0 ? [...lines, [`${more} more`]] : lines;
}

export const linePart = (line: readonly Inline[]): Part => ({ kind: "text", text: [...line, "."] });

/** A change of a frozen cluster. Its answer also shows `parts`: the people who froze it. */
export class FrozenRefusal extends Refusal {
  override name = "FrozenRefusal";
  readonly parts: readonly Part[];

  /** `what`: what can't run, such as a plan's title or an operation's id. `frozen`: not empty. */
  constructor(what: string, frozen: readonly Frozen[]) {
    const shown = frozen.slice(0, MOST_SHOWN).map(reasonOf);
    const first = shown[0] ?? reason("FROZEN", "");
    super(`${what} can't run now`, [first, ...shown.slice(1)], { next: ["freeze list"] });
    this.parts = frozenLines(frozen).map(linePart);
  }
}

/** Above a plan that can't be confirmed now. */
export const frozenPart = (frozen: readonly Frozen[]): Part => ({
  kind: "text",
  tone: "warning",
  text: [{ bold: "FROZEN" }, "  This plan can't be confirmed now", ...frozen.slice(0, MOST_SHOWN).flatMap(bulletOf)],
});

const bulletOf = ({ cluster, why, kind, by, until }: Frozen): Inline[] => [
  `\n• ${kind === "damaged" ? `All clusters count as frozen: ${why}` : isFrozen(cluster)}`,
  ...(by === null
    ? []
    : [kind === "schedule" ? " frozen by a schedule of " : " frozen by ", { person: by, isQuiet: true } as const]),
  ...(until === null ? [] : [" until ", { at: until }]),
  ...(kind === "damaged" ? [] : [`: ${why}`]),
];

/** In a cluster's line on a Home: by whom and until when. Empty: it is not frozen. Of several freezes the one that ends last. */
export function frozenText(frozen: readonly Frozen[]): Inline[] {
  const [last, ...others] = frozen.toSorted((one, other) => endMs(other) - endMs(one));
  if (last === undefined) return [];
  const { kind, by, until, why } = last;
  if (by === null) return ["\n", { bold: "Counts as frozen" }, `: ${why}`];
  return [
    "\n",
    { bold: "Frozen" },
    kind === "schedule" ? " by a schedule of " : " by ",
    { person: by, isQuiet: true },
    ...(until === null ? [" until a person ends it"] : [" until ", { at: until } as const]),
    `: ${why}`,
    ...(others.length === 0 ? [] : [`, and ${counted(others.length, "more freeze")}`]),
  ];
}
const endMs = ({ until }: Frozen): number => (until === null ? Number.MAX_SAFE_INTEGER : Date.parse(until));
