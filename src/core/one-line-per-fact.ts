/** `on sharedblock-host1`: where a text says where its fact is. */
const PLACE = /(?<=\bon )[\w.-]*\w/g;
/** Names that a line has at most; the rest is counted. */
const MOST_NAMES = 6;

/**
 * Texts that differ only in the one name after "on" are one fact, seen in several places: `LUN … is mounted on host1,
 * host2 at /mnt`. Their order does not change, nor does a text that names two places, nor what is no text.
 */
export function oneLinePerFact<T extends object = never>(all: readonly (string | T)[]): (string | T)[] {
  const facts = new Map<string | T, { readonly text: string | T; readonly places: Set<string> }>();
  for (const text of all) {
    if (typeof text !== "string") {
      facts.set(text, { text, places: new Set() });
      continue;
    }
    const places = new Set(text.match(PLACE) ?? []);
    const [place] = places;
    const isOnePlace = places.size === 1 && place !== undefined;
    const key = isOnePlace ? text.replaceAll(PLACE, "\0") : text;
    const fact = facts.get(key) ?? { text, places: new Set<string>() };
    if (isOnePlace) fact.places.add(place);
    facts.set(key, fact);
  }
  return [...facts.values()].map(({ text, places }) =>
    typeof text !== "string" || places.size < 2 ? text : text.replaceAll(PLACE, () => namesOf([...places])),
  );
}

function namesOf(places: readonly string[]): string {
  const more = places.length - MOST_NAMES;
  // One name more takes no more room than its number.
  return more < 2 ? places.join(", ") : `${places.slice(0, MOST_NAMES).join(", ")} and ${more} others`;
}
