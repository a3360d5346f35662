/**
 * Divides `total` among several needs. A small need is met completely; the large ones get the same share each. So a
 * long table never hides the warning after it.
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
