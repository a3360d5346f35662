import { inOrder } from "./in-order.ts";

/** So many hosts are named; more are counted. */
const MOST_NAMES = 5;

/** The first few names and how many more. */
export const few = (names: readonly string[], separator = ", "): string =>
  names.length <= MOST_NAMES
    ? names.join(separator)
    : `${names.slice(0, MOST_NAMES - 1).join(separator)} and ${names.length - MOST_NAMES + 1} more`;

/** `host1, host2`, or how many of those that were asked if they are most of many. */
export const mostOf = (names: readonly string[], asked: number): string => {
  if (names.length <= MOST_NAMES || names.length * 2 <= asked) return few(names);
  return names.length === asked ? `all ${asked} hosts` : `${names.length} of ${asked} hosts`;
};

/** One fact with all hosts that have it. */
export interface SharedFact<T> {
  readonly fact: string;
  /** `host7`, `97 others`, `all 100 hosts`, `97 of 100 hosts`: hosts that differ by name, the others counted. */
  readonly hosts: string;
  /** By name, `host2` before `host10`, and not in the order of their answers. */
  readonly names: readonly string[];
  readonly items: readonly [T, ...T[]];
}

/**
 * The same fact of several hosts once, in the order of the first of each. If most of many hosts agree, that fact comes last
 * and its hosts are counted. `asked`: the number of hosts that were asked, if some of them may not be among `all`.
 */
export function sharedFacts<T>(
  all: readonly T[],
  hostOf: (each: T) => string,
  factOf: (each: T) => string,
  asked = new Set(all.map(hostOf)).size,
): SharedFact<T>[] {
  const groups = new Map<string, { fact: string; names: Set<string>; items: [T, ...T[]] }>();
  for (const each of all) {
    const fact = factOf(each);
    const group = groups.get(fact);
    if (group === undefined) groups.set(fact, { fact, names: new Set([hostOf(each)]), items: [each] });
    else {
      group.names.add(hostOf(each));
      group.items.push(each);
    }
  }
  const facts = [...groups.values()].map(({ fact, names, items }) => ({
    fact,
    names: inOrder([...names], (name) => name),
    items,
  }));
  const most = facts.find(({ names }) => names.length > asked / 2) ?? null;
  const differing = new Set(facts.flatMap((each) => (each === most ? [] : each.names)));
  const isCounted = most !== null && most.names.length > MOST_NAMES && !most.names.some((name) => differing.has(name));
  if (!isCounted) return facts.map((each) => ({ ...each, hosts: few(each.names) }));
  const isWhole = most.names.length + differing.size === asked;
  const hosts = isWhole && differing.size > 0 ? `${most.names.length} others` : mostOf(most.names, asked);
  return [
    ...facts.filter((each) => each !== most).map((each) => ({ ...each, hosts: few(each.names) })),
    { ...most, hosts },
  ];
}

/** `1–97, 99`: in their order; what follows its predecessor joins its range. */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges
    .map(([first, last]) =>
      first === last ? `${first}` : first + 1 === last ? `${first}, ${last}` : `${first}–${last}`,
    )
    .join(", ");
}
