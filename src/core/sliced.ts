/** Work in slices: what is between two of them takes some milliseconds at most, and others may have their turn there. */
export type Slices<T> = Generator<undefined, T, undefined>;

const slicesOf = new WeakMap<object, (input: never) => Slices<unknown>>();

/**
 * A function whose work can also be done in slices. Called as it is, it does all of it at once; a function that calls it is
 * another function, and has no slices.
 */
export function sliced<I, T>(slices: (input: I) => Slices<T>): (input: I) => T {
  const whole = (input: I): T => {
    const work = slices(input);
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
    }
  };
  slicesOf.set(whole, slices);
  return whole;
}

/** Does the work of a function in slices if it has any, and leaves the event loop to others between them. */
export async function parsedInSlices<I, T>(work: (input: I) => T, input: I): Promise<T> {
  // What `sliced` has put there for a function has the function's own types.
  const slices = slicesOf.get(work) as ((input: I) => Slices<T>) | undefined;
  if (slices === undefined) return work(input);
  return inSlices(slices(input));
}

/** A slice is done at once; with few things to do there is only one. */
export async function inSlices<T>(work: Slices<T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await othersTurn();
  }
}

export const othersTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
