import type { Host } from "../../core/inventory.ts";
import { reason } from "../../core/refusal.ts";
import { guardRead, type Step } from "../../core/step.ts";
import { copyFile, moveFile, readRealPath, readTextFile, writeTextFile } from "../../host/file.ts";

/** A file and its text when it was read. */
export interface FileSeen {
  /** The path that programs open. */
  readonly path: string;
  /** The real path. It differs if the path is a link, or contains one. */
  readonly realPath: string;
  /** Null if the file does not exist. */
  readonly text: string | null;
}

/**
 * Replaces the text of a file in one step, because programs may read it at any time. An existing file keeps its mode,
 * owner and SELinux context. A link stays a link, and its target gets the text. If the file was changed since it was
 * read, it is not replaced.
 */
export function replaceFile(host: Host, { path, realPath, text: before }: FileSeen, text: string, why: string): Step[] {
  const copyPath = `${realPath}.zstack-chatops`;
  const copy: Step = { host, command: copyFile(realPath, copyPath), why: "a copy next to it, with its mode and owner" };
  const reads = { now: readTextFile(path), leadsTo: readRealPath(path) };
  const same = guardRead(host, reads, ({ now, leadsTo }) =>
    now === before && leadsTo === realPath
      ? null
      : reason(
          "CONTENT_CHANGED",
          `${path} changed since the plan, so it is not written`,
          "send the same command again",
        ),
  );
  const linked = realPath === path ? "" : `, to which ${path} leads`;
  return [
    ...(before === null ? [] : [copy]),
    { host, command: writeTextFile(copyPath, text), why },
    { host, command: moveFile(copyPath, realPath), guard: [same], why: `puts it in place in one step${linked}` },
  ];
}
