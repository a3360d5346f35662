/**
 * Makes the command that a person would type: positional arguments first, then `key=value` pairs. Values are quoted if
 * necessary.
 */
export function typedWords(
  name: string,
  inPlace: readonly string[],
  given: Readonly<Record<string, string | undefined>>,
): string {
  const pairs = Object.entries(given).flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [`${key}=${quoted(value)}`],
  );
  return [name, ...inPlace.map(quoted), ...pairs].join(" ");
}

const quoted = (value: string): string =>
  /^[A-Za-z0-9@%+:,./_-]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
