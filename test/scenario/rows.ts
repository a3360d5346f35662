/**
 * Of a long table of like rows `npm test` runs the first, one from the middle and the last; `npm run test:all` (ROWS=all)
 * and the lab run every row.
 */
export function rowsOf<T>(table: readonly T[]): readonly T[] {
  if (process.env.ROWS === "all" || process.env.SCENARIO_TARGET === "lab") return table;
  const middle = Math.floor((table.length - 1) / 2);
  return table.filter((_, index) => index === 0 || index === middle || index === table.length - 1);
}
