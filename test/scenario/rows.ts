/**
 * Of a long table of like rows `npm test` runs the first, one from the middle and the last; `npm run test:all` (ROWS=all)
 * and the lab run every row.
 */
export function rowsOf<T>(table: readonly T[]): readonly T[] {
  if (process.env.ROWS === "all" || process.env.SCENARIO_TARGET === "lab") return table;
  const middle = Math.floor((table.length - 1) / 2);
  return table.filter((_, index) => index === 0 || index === middle || index === table.length - 1);
}

/** A size that only says "many": `npm run test:all` takes the largest that a site can have. */
export const sizeOf = (many: number, largest: number): number => (process.env.ROWS === "all" ? largest : many);

/** Of the made-up cases of a property `npm test` tries a third. */
export const runsOf = (count: number): number => (process.env.ROWS === "all" ? count : Math.ceil(count / 3));
