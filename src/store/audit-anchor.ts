/** What the channel shows of the log: the number of an entry and the beginning of its hash. */
export interface Anchor {
  readonly id: number;
  readonly hash: string;
}

const SHAPE = /^(?:audit )?([1-9][0-9]*):([0-9a-f]{12,64})$/;

/** As shown at the end of an operation's message, `audit 1234:9f3ac0ffee12d00d`. */
export function anchorIn(text: string): Anchor {
  const [, id, hash] = text.trim().match(SHAPE) ?? [];
  if (id === undefined || hash === undefined) {
    throw new Error(`--anchor must be N:HASH, as shown at the end of an operation, and not ${text}`);
  }
  return { id: Number(id), hash };
}
