import type { Place } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";
import { findFile } from "./file-tree.ts";

/** `/etc/multipath/wwids`, in which multipath notes what has been a map or shall be one: `/36b0…/`, a line each. */
const WWIDS = "/etc/multipath/wwids";

export const isNoted = (host: SanHost, wwid: string): boolean =>
  findFile(host, WWIDS)?.content.split("\n").includes(`/${wwid}/`) === true;

/** Twice gives the same. */
export function noteWwid({ host, san }: Place, wwid: string): void {
  if (isNoted(host, wwid)) return;
  const file = findFile(host, WWIDS);
  if (file) file.content += `/${wwid}/\n`;
  else host.files.push({ path: WWIDS, content: `# Multipath wwids, Version : 1.0\n/${wwid}/\n` });
  san.changed();
}
