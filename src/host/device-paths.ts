/** The path without doubled slashes, `.` and `..`; null if it is not absolute. */
export function absolutePath(path: string): string | null {
  if (!path.startsWith("/")) return null;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Paths in /dev in a text: the whole text, or parts of it, as in `file=/dev/sdb,format=raw`. */
export function devicePathsIn(text: string): string[] {
  const whole = absolutePath(text);
  const parts = text.includes("/dev/") ? (text.match(/(?<![\w./-])\/+dev\/[^\s,"'\\]+/g) ?? []) : [];
  const paths = [whole, ...parts.map(absolutePath)].filter((path) => path?.startsWith("/dev/") === true);
  return [...new Set(paths)].filter((path) => path !== null);
}
