/** The part of a text that says where its fact is: `on sharedblock-host1`. */
const PLACE = /(?<=\bon )[\w.-]*\w/g;
/** A line has at most so many names; the others are counted. */
const MOST_NAMES = 6;

/**
 * Merges texts that differ only in the one name after "on": `LUN … is mounted on host1, host2 at /mnt`. The order does
 * not change. Texts that name two places do not change, nor do values that are not text.
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
  // One more name is not longer than its count.
  return more < 2 ? places.join(", ") : `${places.slice(0, MOST_NAMES).join(", ")} and ${more} others`;
}
