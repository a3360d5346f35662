import type { Host } from "../../core/inventory.ts";
import { guardRead, type Step } from "../../core/step.ts";
import { copyFile, moveFile, readRealPath, readTextFile, writeTextFile } from "../../host/file.ts";

/** A file and the text that was read. */
export interface FileSeen {
  /** By which programs open it. */
  readonly path: string;
  /** Where it lies: elsewhere where the path is a link, or leads through one. */
  readonly realPath: string;
  /** null where it is not there. */
  readonly text: string | null;
}

/**
 * Gives a file a new text in one step: programs read it at any time and must never meet half of it. One that is there
 * keeps its mode, owner and SELinux context; a link stays a link, and its target gets the text. A change
 * that was made since the read is not lost: then the file is not replaced.
 */
export function replaceFile(host: Host, { path, realPath, text: before }: FileSeen, text: string, why: string): Step[] {
  const copyPath = `${realPath}.zstack-chatops`;
  const copy: Step = { host, command: copyFile(realPath, copyPath), why: "a copy next to it, with its mode and owner" };
  const reads = { now: readTextFile(path), leadsTo: readRealPath(path) };
  const same = guardRead(host, reads, ({ now, leadsTo }) =>
    now === before && leadsTo === realPath
      ? null
      : `${path} changed since the plan, so it is not written: send the same command again`,
  );
  const linked = realPath === path ? "" : `, to which ${path} leads`;
  return [
    ...(before === null ? [] : [copy]),
    { host, command: writeTextFile(copyPath, text), why },
    { host, command: moveFile(copyPath, realPath), guard: [same], why: `puts it in place in one step${linked}` },
  ];
}
