import { z } from "zod";
import { type FillLevels, type FillSettings, usualLevels } from "./core/fill-levels.ts";
import { type FindingKind, findingKinds } from "./core/finding.ts";

const wordsIn = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

/** `path failed` as one word: `path-failed`. */
const wordOf = (kind: string): string => kind.replaceAll(/[ ,]+/g, "-").toLowerCase();
const kinds = new Map(Object.keys(findingKinds).map((kind) => [wordOf(kind), kind as FindingKind]));

const LASTS = "must be kinds of findings with seconds, such as path-failed=10 host-unreachable=60; kinds are";

/** For how many seconds a finding of a kind must last before it is posted: `path-failed=10 host-unreachable=60`. */
export const lastsValue = z.string().transform((text, context): ReadonlyMap<FindingKind, number> => {
  const pairs = wordsIn(text).map((word) => {
    const [, name = "", seconds] = /^([a-z-]+)=(\d{1,4})$/i.exec(word) ?? [];
    return [kinds.get(name.toLowerCase()), Number(seconds) * 1_000] as const;
  });
  const known = pairs.flatMap(([kind, ms]) => (kind === undefined ? [] : [[kind, ms] as const]));
  if (known.length < pairs.length)
    context.addIssue({ code: "custom", message: `${LASTS} ${[...kinds.keys()].join(", ")}` });
  return new Map(known);
});

const FULL = "must be three rising percentages, such as 80/90/95, or those of one storage, such as ps-2=90/95/98";

/** At which percentages a storage is filling, nearly full and full: `80/90/95 ps-2=90/95/98`. */
export const fillValue = z.string().transform((text, context): FillSettings => {
  const of = new Map<string, FillLevels>();
  let usual = usualLevels;
  for (const word of wordsIn(text)) {
    const [, name, ...numbers] = /^(?:(\S+)=)?(\d{1,3})\/(\d{1,3})\/(\d{1,3})$/.exec(word) ?? [];
    const [filling = 0, nearlyFull = 0, full = 0] = numbers.map(Number);
    if (!(0 < filling && filling < nearlyFull && nearlyFull < full && full <= 100)) {
      context.addIssue({ code: "custom", message: FULL });
      return z.NEVER;
    }
    if (name === undefined) usual = [filling, nearlyFull, full];
    else of.set(name, [filling, nearlyFull, full]);
  }
  return { usual, of };
});
