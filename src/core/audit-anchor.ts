/** What others know of an entry: its number and the beginning of its hash, as a channel shows them. */
export interface Anchor {
  readonly id: number;
  readonly hash: string;
  /** How it is known; without it, a channel reported it. */
  readonly how?: "signed";
}

const SHAPE = /^(?:audit )?([1-9][0-9]*):([0-9a-f]{12,64})$/;

export const isAnchor = (text: string): boolean => SHAPE.test(text.trim());

/** As shown at the end of an operation's message, `audit 1234:9f3ac0ffee12d00d`. */
export function anchorIn(text: string): Anchor {
  const [, id, hash] = text.trim().match(SHAPE) ?? [];
  if (id === undefined || hash === undefined) {
    throw new Error(`the anchor must be N:HASH, as shown at the end of an operation, and not ${text}`);
  }
  return { id: Number(id), hash };
}
