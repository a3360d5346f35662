/** A slice of work in which nobody else has a turn. */
export const LONGEST_MS = 50;

/**
 * The longest time between two turns of the event loop while `work` goes on: in CPU milliseconds, which a busy machine does
 * not stretch, and the least of some runs, since the collector of garbage runs now and then. `turn` ends a slice.
 */
export async function longestSlice(work: (turn: () => Promise<void>) => Promise<unknown>, runs = 3): Promise<number> {
  const longest: number[] = [];
  for (let run = 0; run < runs; run++) longest.push(await once(work));
  return Math.min(...longest);
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
