import { dirname, resolve } from "node:path/posix";
import { viewOf } from "../san/host-view.ts";
import type { Place } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";

/** The host's small file system: text files by path, and the directories that exist besides. */

export function isDirectory(host: SanHost, path: string): boolean {
  const clean = path.replace(/\/+$/, "");
  if (clean === "" || clean === "/usr/local/sbin" || host.directories.includes(clean)) return true;
  return [...host.directories, ...host.files.map((file) => file.path)].some((one) => one.startsWith(`${clean}/`));
}

/** The target of a path after all links in it. */
export function realPathOf(host: SanHost, path: string): string {
  let real = "/";
  for (const name of resolve("/", path).split("/").filter(Boolean)) {
    const next = resolve(real, name);
    const link = host.links.find((one) => one.path === next);
    real = link === undefined ? next : realPathOf(host, resolve(real, link.to));
  }
  return real;
}

export function findFile(host: SanHost, path: string) {
  const real = host.links.length === 0 ? path : realPathOf(host, path);
  return host.files.find((file) => file.path === real) ?? null;
}

export const isExecutable = (host: SanHost, path: string): boolean => findFile(host, path)?.executable === true;

/** null when set, else what chmod says. */
export function setExecutable(place: Place, path: string, executable: boolean): string | null {
  const file = findFile(place.host, path);
  if (file === null) return "No such file or directory";
  if (!mayWrite(place, path)) return "Operation not permitted";
  file.executable = executable;
  place.san.changed();
  return null;
}

/** null when written, else what the kernel says. */
export function writeFile(place: Place, given: string, content: string): string | null {
  const { host, san } = place;
  const path = host.links.length === 0 ? given : realPathOf(host, given);
  if (path === "/dev/null") return null;
  if (path.startsWith("/dev/") && viewOf(san, host).find(path)) return "Operation not permitted";
  if (isDirectory(host, path)) return "Is a directory";
  if (!isDirectory(host, dirname(path))) return "No such file or directory";
  if (!mayWrite(place, path)) return "Permission denied";
  const file = findFile(host, path);
  if (file) file.content = content;
  else host.files.push({ path, content });
  san.changed();
  return null;
}

/** null when it is there now, else what mkdir says. */
export function makeDirectories(place: Place, path: string): string | null {
  const { host, san } = place;
  const clean = path.replace(/\/+$/, "");
  if (isDirectory(host, clean)) return null;
  if (findFile(host, clean)) return "File exists";
  if (!mayWrite(place, clean)) return "Permission denied";
  host.directories.push(clean);
  san.changed();
  return null;
}

export const mayWrite = ({ root, host }: Place, path: string): boolean =>
  root || path.startsWith(`/home/${host.user}/`) || path.startsWith("/tmp/");
