/** A slice of work in which nobody else has a turn. */
export const LONGEST_MS = 50;

/**
 * The longest time between two turns of the event loop while `work` goes on: in CPU milliseconds, which a busy machine does
 * not stretch. The collector of garbage runs now and then, so work that took too long is run again, up to `runs` times,
 * and the least counts. `turn` ends a slice.
 */
export async function longestSlice(work: (turn: () => Promise<void>) => Promise<unknown>, runs = 10): Promise<number> {
  let longest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs && longest >= LONGEST_MS; run++) longest = Math.min(longest, await once(work));
  return longest;
}

async function once(work: (turn: () => Promise<void>) => Promise<unknown>): Promise<number> {
  let most = 0;
  let ended = false;
  let before = process.cpuUsage();
  const measure = () => {
    const { user, system } = process.cpuUsage(before);
    most = Math.max(most, (user + system) / 1000);
    before = process.cpuUsage();
    if (!ended) setImmediate(measure);
  };
  const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
  setImmediate(measure);
  await turn();
  await work(turn);
  await turn();
  ended = true;
  return most;
}
