/** Says on this line what the run waits for. The process that started it reads the last one if the run breaks off. */
export const WAITS_FOR = "waits for: ";

export const waitsFor = (what: string): void => void process.stdout.write(`${WAITS_FOR}${what}\n`);

/** Rejects with what did not happen in time. */
export async function within<T>(what: string, limitMs: number, happens: Promise<T>): Promise<T> {
  waitsFor(what);
  let limit: NodeJS.Timeout | null = null;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`waited ${limitMs / 1000} s for ${what}`)), limitMs);
  });
  try {
    return await Promise.race([happens, late]);
  } finally {
    if (limit !== null) clearTimeout(limit);
  }
}
