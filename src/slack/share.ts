/**
 * Shares `total` out among those that need it: the small get all they need, the large get the same each. So one long
 * table never hides the warning after it.
 */
export function fairShares(needs: readonly number[], total: number): number[] {
  const shares = needs.map(() => 0);
  const order = needs.map((need, index) => ({ need, index })).sort((one, other) => one.need - other.need);
  let left = total;
  for (const [place, { need, index }] of order.entries()) {
    const share = Math.min(need, Math.floor(left / (order.length - place)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
