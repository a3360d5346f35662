/**
 * The words of a command as a person types them: names in their places, then `key=value` for what is given. What needs
 * quotes gets them.
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
