/**
 * Sorts by name, `host2` before `host10`. Each name is converted to a sort key once, because a language's comparison of
 * 10,000 names takes seconds.
 */
export function inOrder<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(nameOf(item)) }));
  keyed.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
  return keyed.map(({ item }) => item);
}

/** Small letters come first, as in a dictionary. If two names are otherwise equal, their characters decide. */
const keyOf = (name: string): string =>
  `${name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(20, "0"))}\n${name}`;
