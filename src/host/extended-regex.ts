/**
 * Whether a text has a match of an extended regular expression of POSIX, as multipath's settings hold them. One that can't
 * be read matches nothing.
 */
export function hasMatch(pattern: string, text: string): boolean {
  try {
    return new RegExp(inOurs(pattern)).test(text);
  } catch {
    return false;
  }
}

/** A star at the very beginning stands for anything to RHEL's multipath; `[[:digit:]]` has another name here. */
const inOurs = (pattern: string): string =>
  (pattern.startsWith("*") ? `.${pattern}` : pattern).replace(/\[:(\w+):\]/g, (all, name) => CLASSES.get(name) ?? all);

const CLASSES: ReadonlyMap<string, string> = new Map([
  ["alnum", "A-Za-z0-9"],
  ["alpha", "A-Za-z"],
  ["digit", "0-9"],
  ["lower", "a-z"],
  ["space", "\\s"],
  ["upper", "A-Z"],
  ["xdigit", "0-9A-Fa-f"],
]);
