/** A slice of work in which no other work has a turn: so long on the reference computer, one idle core of CI. */
export const LONGEST_MS = 50;

/** The reference work takes so long on the reference computer. */
const REFERENCE_MS = 4;
const RUNS = 10;

/**
 * The longest time between two turns of the event loop while `work` runs, in milliseconds of the reference computer.
 * `turn` ends a slice. A time over the limit is compared with a fixed piece of work directly before and after it. So a
 * slow or busy computer does not stretch it. Memory is freed now and then: `work` runs up to 10 times, and the least
 * counts.
 */
export async function longestSlice(
  work: (turn: () => Promise<void>) => Promise<unknown>,
  limitMs = LONGEST_MS,
): Promise<number> {
  // Most work needs no comparison, on most computers.
  let longest = await once(work);
  for (let run = 1; run < RUNS && longest >= limitMs; run++) {
    const before = slowness();
    const slice = await once(work);
    longest = Math.min(longest, slice / Math.max(1, before, slowness()));
  }
  return longest;
}

async function once(work: (turn: () => Promise<void>) => Promise<unknown>): Promise<number> {
  let most = 0;
  let ended = false;
  let before = clock();
  const measure = () => {
    most = Math.max(most, msSince(before));
    before = clock();
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

const clock = () => ({ cpu: process.cpuUsage(), at: performance.now() });

/** Other processes stretch the wall clock. Threads that free memory add to the processor's time. */
function msSince(before: ReturnType<typeof clock>): number {
  const at = performance.now();
  const { user, system } = process.cpuUsage(before.cpu);
  return Math.min((user + system) / 1000, at - before.at);
}

/** How many times slower than the reference computer this one is now. */
function slowness(): number {
  // Compiled first, like the work that it is compared with.
  for (; warmUps > 0; warmUps--) reference();
  const times = Array.from({ length: 5 }, () => {
    const before = clock();
    reference();
    return msSince(before);
  });
  return (times.toSorted((left, right) => left - right)[2] ?? 0) / REFERENCE_MS;
}

let warmUps = 10;

/** A fixed piece of the work that the bot does: it splits lines, keeps objects by name, and makes and sorts texts. */
export function reference(): number {
  const byName = new Map<string, { readonly name: string; readonly states: string[] }>();
  for (let index = 0; index < 8_000; index++) {
    const [name = "", ...states] = `host${index % 500} 3:0:0:${index} active ready running`.split(" ");
    const known = byName.get(name);
    if (known === undefined) byName.set(name, { name, states });
    else known.states.push(...states);
  }
  const rows = [...byName.values()].map(({ name, states }) => `${name}: ${states.join(", ")}`);
  return rows.sort().join("\n").length;
}
