/** Whether a name fits one of the patterns, and none with `!` in front, as OpenSSH reads a list of patterns. */
export function fitsOneOf(patterns: readonly string[], name: string): boolean {
  const fits = (pattern: string) => isLike(pattern, name);
  return (
    !patterns.some((each) => each.startsWith("!") && fits(each.slice(1))) &&
    patterns.some((each) => !each.startsWith("!") && fits(each))
  );
}

/** Whether a name fits a pattern with `*` and `?`. In time of their lengths multiplied, for any pattern. */
function isLike(pattern: string, name: string): boolean {
  let fits = [true, ...Array<boolean>(name.length).fill(false)];
  for (const sign of pattern) {
    const before = fits;
    fits = before.map((_, end) => {
      if (sign === "*") return before.slice(0, end + 1).includes(true);
      return end > 0 && before[end - 1] === true && (sign === "?" || sign === name[end - 1]);
    });
  }
  return fits.at(-1) === true;
}
