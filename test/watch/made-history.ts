import type { Facts } from "../../src/core/facts.ts";
import type { History, Span, Track, TrackHistory } from "../../src/core/track-history.ts";
import { inventory } from "./watched-host.ts";

const now = Date.parse("2026-11-29T12:00:00.000Z");
const HOUR = 3_600_000;

/** Values from so many hours ago, each until the next. null: not observed. */
export type Values = readonly (readonly [hoursAgo: number, value: string | null])[];
export const spans = (...values: Values): Span[] =>
  values.flatMap(([hoursAgo, value], index) => {
    const [endsAgo = 0] = values[index + 1] ?? [];
    return value === null ? [] : [{ fromMs: now - hoursAgo * HOUR, toMs: now - endsAgo * HOUR, value }];
  });

export const track = (kind: Track["kind"], ownerUuid: string, via = "", subject = ""): Track => ({
  kind,
  ownerUuid,
  via,
  subject,
});

const historyOf = (all: readonly TrackHistory[]): History => ({
  read: async (kinds, fromMs, toMs, wants = () => true) =>
    all
      .filter(({ track: each }) => kinds.includes(each.kind) && wants(each))
      .map(({ track: each, spans: own }) => ({
        track: each,
        spans: own.filter((span) => span.toMs > fromMs && span.fromMs < toMs),
      })),
});

/** What a query of the history needs of the facts. */
export const factsWith = (all: readonly TrackHistory[], given = inventory): Facts => {
  const nothing = () => {
    throw new Error("a picture asks no host");
  };
  return {
    ...{ inventory: given, history: historyOf(all), now: () => now, askedAt: new Date(now).toISOString() },
    ...({ gather: nothing, watch: { uses: () => [] } } as unknown as Omit<
      Facts,
      "inventory" | "history" | "now" | "askedAt"
    >),
  };
};
